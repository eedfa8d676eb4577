/**
 * Runs in the result page at the end of a sign-in: tells the page that opened the window how it went, and closes.
 * The page's <body data-symphony> says what happened; a platform token is never in it.
 */

interface Outcome {
  kind: "result";
  mode: "login" | "connect";
  platform: string;
  /** What the service fetches the result of a login by, for the browser that signed in and once. */
  flow: string;
  /** The page that asked, as its browser proved it: nobody else gets the message. */
  origin: string;
  nonce: string;
  ok: boolean;
  result?: unknown;
  error?: { code: string; message: string };
}

const UNREACHABLE = "The service did not answer at the last step.";

type Message = Pick<Outcome, "ok" | "result" | "error">;

const base = new URL("..", (document.currentScript as HTMLScriptElement).src).href;
const outcome: Partial<Outcome> = JSON.parse(document.body.dataset.symphony || "{}");

/** Unhides the sentences that are for this case. */
function show(when: "done" | "opener-lost" | "alone"): void {
  for (const element of document.querySelectorAll<HTMLElement>(`[data-when="${when}"]`)) element.hidden = false;
}

/** Fetches the result of a login, which destroys it at the service; `openerLost` only destroys. */
async function handover({ platform, flow }: Outcome, openerLost?: true): Promise<Message> {
  const response = await fetch(`${base}oauth/${platform}/handover`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ flow, openerLost }),
  });
  const body = await response.json();
  return response.ok ? { ok: true, result: body } : { ok: false, error: body.error };
}

async function finish(outcome: Outcome): Promise<void> {
  const opener: Window | null = window.opener;
  const isLogin = outcome.mode === "login" && outcome.ok;
  if (!opener || opener.closed || !outcome.origin) {
    show(isLogin ? "opener-lost" : "done");
    // A browser inside another app has left its page to come here: it needs a way back.
    show("alone");
    // What cannot be destroyed now, the service destroys by itself in minutes.
    if (isLogin) await handover(outcome, true).catch(() => {});
    return;
  }
  const { nonce, ok, result, error } = outcome;
  const message = isLogin
    ? await handover(outcome).catch(() => ({ ok: false, error: { code: "network", message: UNREACHABLE } }))
    : { ok, result, error };
  opener.postMessage({ source: "symphony-connect", nonce, ...message }, outcome.origin);
  window.close();
  // Still here: some browsers only let a script close what a script has opened.
  show("done");
}

if (outcome.kind === "result") {
  // The query may hold a spent code; Meta appends "#_=_".
  history.replaceState(null, "", location.pathname);
  void finish(outcome as Outcome);
} else if (location.hash === "#_=_") {
  history.replaceState(null, "", location.pathname + location.search);
}
