// The page's own few lines: this is all that an integration needs.
const { service, key, brand } = document.body.dataset;
const outcome = document.getElementById("outcome");

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

document.getElementById("connect-meta").addEventListener("click", () => {
  SymphonyConnect.loginWithFacebook({
    onSuccess: (response) => {
      console.log("Facebook connected:", response.userId);
      registerTokenWithSymphony("meta", response.accessToken);
    },
    onError: failed,
  });
});

document.getElementById("connect-tiktok").addEventListener("click", () => {
  SymphonyConnect.loginWithTikTok({
    onSuccess: (response) => {
      console.log("TikTok connected:", response.advertiserIds);
      registerTokenWithSymphony("tiktok", response.accessToken);
    },
    onError: failed,
  });
});

// The recommended way. The session is fetched ahead of the click, so that the window opens in the click itself.
let session = newSession();

async function newSession() {
  const response = await fetch("/connect-session", { method: "POST" });
  return (await response.json()).data;
}

let ready = null;
session.then((made) => { ready = made; });

function connectWithSession(platform) {
  if (!ready) return say("One moment, then press again.");
  SymphonyConnect.connect({
    token: ready.token,
    platform,
    onSuccess: async (result) => {
      say(`Brand ${result.brandId} is ${result.status} on ${result.platform} as ${result.identity.name}`);
      await showBrand();
    },
    onError: failed,
  });
  ready = null;
  newSession().then((made) => { ready = made; });
}

document.getElementById("session-meta").addEventListener("click", () => connectWithSession("meta"));
document.getElementById("session-tiktok").addEventListener("click", () => connectWithSession("tiktok"));
document.getElementById("hosted").addEventListener("click", async () => {
  const { url } = await newSession();
  const link = document.getElementById("hosted-link");
  link.href = link.textContent = url;
  link.hidden = false;
});

async function showBrand() {
  const response = await fetch("/brand");
  const { data } = await response.json();
  const list = document.getElementById("connections");
  const rows = (data ? data.connections : []).map((connection) => {
    const row = document.createElement("li");
    const who = connection.identity ? ` as ${connection.identity.name}` : "";
    row.textContent = `${connection.adPlatform}: ${connection.status}${who}, ${connection.adAccounts ?? "?"} ad accounts`;
    return row;
  });
  if (!rows.length) {
    const none = document.createElement("li");
    none.textContent = "Not connected yet.";
    rows.push(none);
  }
  list.replaceChildren(...rows);
}

showBrand();
