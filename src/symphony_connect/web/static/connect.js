// The platform's page in a window of its own, where a mouse and room say that this is a desktop browser.
// The window's `closed` proves nothing (a platform may sever it), so the service is asked how it stands.
const EVERY = 1000;
const desktop = matchMedia("(hover: hover) and (pointer: fine) and (min-width: 640px)");
const title = document.title;
let popup = null;
let timer;
/** What this page's windows are known by at the service, and whose they are; survives a reload. */
let { platform, nonces } = { nonces: [], ...history.state };

const link = () => document.querySelector(`[data-window="${platform}"]`);

function view(name) {
  for (const part of document.querySelectorAll("[data-view]")) {
    part.hidden = part.dataset.view !== name;
    if (part.hidden) continue;
    document.getElementById("step").textContent = part.dataset.step;
    const heading = part.querySelector("h1");
    document.title = name === "consent" ? title : heading.textContent;
    heading.focus();
  }
}

function nonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
}

/** False when the browser would not. */
function opened() {
  const mine = nonce();
  popup = window.open(`${link().href}&nonce=${mine}`, "symphony-sign-in", "popup,width=600,height=760");
  if (popup) history.replaceState({ platform, nonces: (nonces = [mine, ...nonces].slice(0, 3)) }, "");
  return popup !== null;
}

function wait() {
  view(`waiting-${platform}`);
  clearTimeout(timer);
  timer = setTimeout(look, EVERY);
}

async function look() {
  for (const mine of nonces) {
    const answer = await fetch(`/oauth/status?nonce=${mine}`).then((response) => response.json(), () => ({}));
    // Cancelled, or gone on, while the answer was under way.
    if (!nonces.includes(mine)) return;
    if (answer.page) {
      stop();
      location.assign(answer.page);
      return;
    }
  }
  timer = setTimeout(look, EVERY);
}

function stop() {
  clearTimeout(timer);
  history.replaceState(null, "");
  nonces = [];
  if (popup) popup.close();
}

document.addEventListener("click", (event) => {
  const at = event.target.closest("a, button");
  if (!at || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const { window: name, show, cancel, here } = at.dataset;
  if (name && desktop.matches) {
    platform = name;
    // Where the browser stops the window, the link goes on in this tab.
    if (!opened()) return;
    event.preventDefault();
    wait();
  } else if (show) {
    if (popup && !popup.closed) popup.focus();
    else if (opened()) wait();
    else view(`blocked-${platform}`);
  } else if (cancel !== undefined) {
    stop();
    view("consent");
  } else if (here !== undefined) stop();
});

// Who comes back by the Back button has been further already, and wants to be here.
const [{ type }] = performance.getEntriesByType("navigation");
if (type === "reload" && nonces.length && link()) wait();
else stop();
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  stop();
  view("consent");
});
