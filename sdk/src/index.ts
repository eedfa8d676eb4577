import type { Callbacks, ConnectError, FacebookLoginOptions, SymphonyConnectSdk } from "../symphony-connect";
import { failure } from "./errors";
import { CLOSED, follow, type End } from "./flow";
import { makeNonce, openPopup } from "./popup-window";
import { findService } from "./service";

const service = findService();
/** What ends the latest sign-in of each window name, if it has not ended yet. */
const latest = new Map<string, End>();

const invalid = (message: string): ConnectError => failure("invalid_request", message);

/** Calls back outside the promise, so that a callback's own error is the page's, like that of any listener. */
function calling<T>(callback: ((value: T) => void) | undefined): (value: T) => void {
  return (value) => {
    if (callback) setTimeout(callback, 0, value);
  };
}

/** A misspelt option would otherwise be a callback that is never called. */
function refuseUnknown(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = known.find((each) => each.toLowerCase() === name.toLowerCase());
    throw invalid(`${name} is not an option. ${meant ? `Did you mean ${meant}?` : `Options: ${known.join(", ")}.`}`);
  }
}

/** What only the page's developer can put right is said on the console too. */
function complain(error: ConnectError): void {
  if (error.code === "invalid_request") console.error(`SymphonyConnect: ${error.message}`);
}

/** Runs `begin` now and tells the end to callbacks and Promise alike. */
function answer<T>(options: Callbacks<T>, more: readonly string[], begin: (end: End) => void): Promise<T> {
  const { onSuccess, onError } = (options || {}) as Callbacks<T>;
  const outcome = new Promise<T>((resolve, reject) => {
    if (!options || typeof options !== "object") throw invalid("Pass an object with onSuccess and onError.");
    for (const callback of [onSuccess, onError]) {
      if (callback && typeof callback !== "function") throw invalid("onSuccess and onError must be functions.");
    }
    refuseUnknown(options, ["onSuccess", "onError", ...more]);
    begin((end) => (end instanceof Error ? reject(end) : resolve(end as T)));
  });
  outcome.catch(complain);
  outcome.then(calling(onSuccess), calling(onError));
  const promise = outcome.then((value) => value);
  if (onError) promise.catch(() => {});
  return promise;
}

/** Opens `path` of the service in the platform's window and follows it. */
function signIn(platform: string, path: string, query: Record<string, string | undefined>, end: End): void {
  if (!service) throw invalid("Load this script with a <script src> tag from the service.");
  const nonce = makeNonce();
  const parameters = new URLSearchParams({ origin: location.origin, nonce });
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  const name = `symphony-connect-${platform}`;
  const popup = openPopup(`${service.base}${path}?${parameters}`, name);
  if (!popup) throw failure("popup_blocked", "The browser blocked the window. Call this from a click.");
  const earlier = latest.get(name);
  if (earlier) earlier(failure("popup_closed", CLOSED));
  latest.set(name, follow(popup, service, nonce, end));
}

function login<T>(
  platform: string,
  options: Callbacks<T> & Pick<FacebookLoginOptions, "scope" | "authType">,
  more: readonly string[],
) {
  return answer<T>(options, more, (end) => {
    const { scope = "", authType } = options;
    const query = { mode: "login", key: service && service.key, scope: String(scope), auth_type: authType };
    signIn(platform, `/oauth/${platform}/start`, query, end);
  });
}

const sdk: SymphonyConnectSdk = {
  loginWithFacebook: (options) => login("meta", options, ["scope", "authType"]),
  loginWithTikTok: (options) => login("tiktok", options, []),
  connect: (options) =>
    answer(options, ["token", "platform"], (end) => {
      const { token, platform } = options;
      if (!token || typeof token !== "string") throw invalid("token must be that of a connect session.");
      // Which platforms there are is the service's to say; this only keeps nonsense out of the window's name.
      if (typeof platform !== "string" || !/^[a-z][a-z0-9_-]*$/.test(platform)) {
        throw invalid('platform must be an adPlatform such as "meta".');
      }
      signIn(platform, `/connect/${encodeURIComponent(token)}`, { platform }, end);
    }),
};

Object.assign(window, { SymphonyConnect: Object.freeze(sdk) });
