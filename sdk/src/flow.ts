import { Closure } from "./closure";
import { failure, reported } from "./errors";
import { statusOf, type Service, type Status } from "./service";

export const CLOSED = "The window was closed before the sign-in had ended.";

/** How a sign-in ends: with a result or, given an Error, without. Only the first call counts, as with any Promise. */
export type End = (outcome: unknown) => void;

/**
 * Follows a popup until the sign-in in it has ended, by the popup's message or by the service's status, whichever
 * speaks first. Returns the function that ends it from outside.
 */
export function follow(popup: Window, service: Service, nonce: string, end: End): End {
  const { timing } = service;
  const begun = performance.now();
  let ticked = begun;
  let pollAt = begun + timing.firstPoll;
  let asking = false;
  let failingSince: number | undefined;
  let failures = 0;
  let lastOpen: Status["state"] | undefined;
  let closure: Closure | undefined;

  const finish: End = (outcome) => {
    clearInterval(timer);
    removeEventListener("message", onMessage);
    removeEventListener("focus", tick);
    end(outcome);
  };

  function onMessage({ origin, source, data }: MessageEvent): void {
    if (origin !== service.origin || !data || data.source !== "symphony-connect" || data.nonce !== nonce) return;
    // A window that closed right after posting may have no `source` any more.
    if (source !== popup && !(source === null && popup.closed)) return;
    finish(data.ok === true ? data.result : reported(data.error));
  }

  function tick(): void {
    const now = performance.now();
    if (now - begun >= timing.limit) return finish(failure("timeout", "The sign-in took too long."));
    if (closure) closure.pass(now - ticked);
    else if (popup.closed) {
      closure = new Closure(timing, now, lastOpen);
      pollAt = now;
    }
    ticked = now;
    if (closure && closure.believed) pollAt = now;
    if (!asking && now >= pollAt) ask(closure);
  }

  /** `seen` is what was known of the popup's end when the question was put: an older answer decides nothing. */
  function ask(seen: Closure | undefined): void {
    const believed = seen && seen.believed;
    asking = true;
    statusOf(service, nonce)
      .then((status) => {
        failures = 0;
        heard(status, seen);
        if (believed && seen.believed && status.state !== "done") finish(failure("popup_closed", CLOSED));
      }, missed)
      .then(() => {
        asking = false;
        pollAt = seen === closure ? performance.now() + (seen ? seen.pollEvery : timing.poll) : 0;
      });
  }

  function heard(status: Status, seen: Closure | undefined): void {
    const { state, result, error } = status;
    if (state === "failed") finish(reported(error));
    else if (state === "done") {
      if (result) finish(result);
      else setTimeout(finish, timing.message, failure("opener_lost", "The window could not reach this page."));
    } else if (seen) seen.hear(status, performance.now());
    else lastOpen = state;
  }

  function missed(): void {
    const now = performance.now();
    if (!failures++) failingSince = now;
    // As long as somebody may be using the popup, the sign-in may still come to an end.
    if (closure && closure.alone && failures > 2 && now - failingSince! >= timing.offline) {
      finish(failure("network", `${service.base} cannot be reached.`));
    }
  }

  addEventListener("message", onMessage);
  addEventListener("focus", tick);
  const timer = setInterval(tick, timing.tick);
  return finish;
}
