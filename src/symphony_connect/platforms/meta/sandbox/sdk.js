// The sandbox's stand-in for Facebook's JavaScript SDK: init, login, getLoginStatus, getAuthResponse, logout, api,
// Event.subscribe, with the answers of the real one. It finds the sandbox by its own address.
(() => {
  "use strict";
  const base = new URL(document.currentScript.src).origin;
  const heard = {};
  let settings = null;
  let answer = { status: "unknown", authResponse: null };

  const tell = (name) => (heard[name] ?? []).forEach((listener) => listener(answer));

  function became(status, authResponse) {
    answer = { status, authResponse };
    tell("auth.statusChange");
    tell("auth.authResponseChange");
    return answer;
  }

  function dialog(options, id) {
    const arbiter = new URL("/x/connect/xd_arbiter/", base);
    arbiter.search = new URLSearchParams({ version: "46", cb: id, origin: location.origin });
    const byCode = (options.response_type ?? "token") === "code";
    const query = new URLSearchParams({
      app_id: settings.appId, client_id: settings.appId, display: "popup", sdk: "joey", origin: "1", state: id,
      redirect_uri: arbiter.href,
      response_type: byCode ? "code" : "token,signed_request,graph_domain",
      return_scopes: String(options.return_scopes === true),
    });
    for (const name of ["scope", "config_id", "auth_type", "auth_nonce", "override_default_response_type"]) {
      if (options[name] !== undefined) query.set(name, options[name]);
    }
    if (options.extras) query.set("extras", JSON.stringify(options.extras));
    return `${base}/${settings.version}/dialog/oauth?${query}`;
  }

  function understood(fields) {
    if (fields.code) return became("connected", { code: fields.code, accessToken: null, userID: null, expiresIn: null });
    if (!fields.access_token) return became("unknown", null);
    const [, payload] = fields.signed_request.split(".");
    const { user_id } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return became("connected", {
      accessToken: fields.access_token,
      userID: user_id,
      expiresIn: Number(fields.expires_in),
      signedRequest: fields.signed_request,
      graphDomain: "facebook",
      data_access_expiration_time: Number(fields.data_access_expiration_time),
      ...(fields.granted_scopes === undefined ? {} : { grantedScopes: fields.granted_scopes }),
    });
  }

  function login(callback, options = {}) {
    if (!settings) return console.error("FB.login() called before FB.init().");
    const id = `f${crypto.randomUUID()}`;
    const popup = open(dialog(options, id), id, "width=600,height=680");
    const watch = setInterval(() => popup?.closed && end({}), 300);
    const listen = (event) => event.origin === base && event.data?.cb === id && end(event.data.fields);
    function end(fields) {
      clearInterval(watch);
      removeEventListener("message", listen);
      popup?.close();
      callback(understood(fields));
    }
    addEventListener("message", listen);
    return undefined;
  }

  async function api(path, ...rest) {
    const callback = rest.find((each) => typeof each === "function") ?? (() => {});
    const method = (rest.find((each) => typeof each === "string") ?? "get").toUpperCase();
    const params = { ...rest.find((each) => typeof each === "object") };
    params.access_token ??= answer.authResponse?.accessToken ?? "";
    const form = new URLSearchParams(params);
    const url = `${base}/${settings.version}/${path.replace(/^\//, "")}`;
    const sent = method === "POST" ? fetch(url, { method, body: form }) : fetch(`${url}?${form}`, { method });
    callback(await (await sent).json());
  }

  window.FB = {
    init: (given) => { settings = { ...given, version: given.version ?? "v26.0" }; },
    login,
    logout: (callback) => callback?.(became("unknown", null)),
    getLoginStatus: (callback) => callback(answer),
    getAuthResponse: () => answer.authResponse,
    api,
    Event: { subscribe: (name, listener) => (heard[name] ??= []).push(listener) },
  };
  window.fbAsyncInit?.();
})();
