// The page's own few lines: this is all that an integration needs.
const { service, key, brand } = document.body.dataset;
const sessions = document.querySelectorAll("[data-session]");
const NAMES = Object.fromEntries([...sessions].map((each) => [each.dataset.session, each.textContent.replace("Connect ", "")]));
const outcome = document.getElementById("outcome");

// A name that is written from right to left must not turn round the words beside it (Unicode isolates).
const isolated = (name) => (/[\u0590-\u08ff\ufb1d-\ufefc]/.test(name) ? `\u2068${name}\u2069` : name);

function say(text, failed = false) {
  outcome.textContent = text;
  outcome.classList.toggle("failed", failed);
}

// The way of the document: the page receives the token and registers it.
async function registerTokenWithSymphony(platform, accessToken) {
  const response = await fetch(`${service}/api/sym/v2/brands`, {
    method: "PUT",
    headers: { "x-api-key": key, "Content-Type": "application/json" },
    body: JSON.stringify({ brandId: Number(brand), adPlatform: platform, accessToken }),
  });
  const data = await response.json();
  console.log("Platform connected:", data);
  say(data.success ? data.message : data.error.message, !data.success);
  await showBrand();
}

function failed(error) {
  console.error("Login failed:", error.code);
  say(`${error.message} (${error.code})`, true);
}

// The SDK has a function of its own for some platforms, named after where the owner signs in.
function offerLogin(button) {
  const platform = button.dataset.login;
  const login = SymphonyConnect[`loginWith${NAMES[platform]}`];
  button.hidden = !login;
  button.addEventListener("click", () => {
    login({
      onSuccess: (response) => {
        console.log(`${NAMES[platform]} connected`);
        registerTokenWithSymphony(platform, response.accessToken);
      },
      onError: failed,
    });
  });
}

document.querySelectorAll("[data-login]").forEach(offerLogin);

// The recommended way. The session is fetched ahead of the click, so that the window opens in the click itself.
let ready = null;

async function newSession() {
  const response = await fetch("/connect-session", { method: "POST" });
  const { success, data, error } = await response.json();
  if (!success) say(error.message, true);
  return success ? data : null;
}

function hold(held) {
  for (const button of sessions) button.ariaDisabled = String(held);
}

async function prepare() {
  ready = null;
  hold(true);
  ready = await newSession();
  hold(false);
}

async function connectWithSession(platform) {
  if (!ready) {
    say("One moment, then press again.");
    return prepare();
  }
  SymphonyConnect.connect({
    token: ready.token,
    platform,
    onSuccess: async (result) => {
      const who = result.identity ? ` as ${isolated(result.identity.name)}` : "";
      say(`Brand ${result.brandId} is ${result.status} on ${NAMES[result.platform]}${who}`);
      await showBrand();
    },
    onError: failed,
  });
  await prepare();
}

for (const button of sessions) button.addEventListener("click", () => connectWithSession(button.dataset.session));
document.getElementById("hosted").addEventListener("click", async () => {
  const made = await newSession();
  if (!made) return;
  const link = document.getElementById("hosted-link");
  link.href = link.textContent = made.url;
  link.hidden = false;
});

// What the brand's connections are, as your server would show them.
function row(platform, connection) {
  const item = document.createElement("li");
  item.dataset.status = connection ? connection.status : "none";
  const who = connection && connection.identity ? ` as ${isolated(connection.identity.name)}` : "";
  const accounts = connection && connection.adAccounts !== null ? `, ${connection.adAccounts} ad accounts` : "";
  const name = document.createElement("strong");
  name.textContent = NAMES[platform];
  item.append(name, connection ? ` ${connection.status.replace("_", " ")}${who}${accounts}` : " not connected yet");
  return item;
}

async function showBrand() {
  const response = await fetch("/brand");
  const { success, data, error } = await response.json();
  if (!success) return say(error.message, true);
  const found = (platform) => data.connections.find((each) => each.adPlatform === platform);
  document.getElementById("connections").replaceChildren(...Object.keys(NAMES).map((each) => row(each, found(each))));
}

document.getElementById("copy").addEventListener("click", async ({ target }) => {
  await navigator.clipboard.writeText(document.getElementById("curl").textContent);
  target.textContent = "Copied";
});

const back = new URLSearchParams(location.search).get("status");
if (back) {
  say(`The owner is back from the link: ${back}`, back !== "connected");
  history.replaceState(null, "", location.pathname);
}
prepare();
showBrand();

// Whoever comes back from another tab may have moved the clock there, and a session lasts an hour.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  prepare();
  showBrand();
});
