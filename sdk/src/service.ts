import { TIMING, type Timing } from "./timing";

export interface Status {
  state: "unknown" | "started" | "at_platform" | "confirming" | "done" | "failed";
  /** Milliseconds since the browser was sent to the platform, by the service's clock. */
  sinceMs?: number;
  result?: unknown;
  error?: { code?: string; message?: string };
}

/** The service this script came from. */
export interface Service {
  /** Address without a trailing slash, path prefix included. */
  readonly base: string;
  readonly origin: string;
  /** Publishable key, if the page names one. */
  readonly key?: string;
  readonly timing: Timing;
}

/** Has to run while the script itself does: later there is no `currentScript`, and in a module there never is. */
export function findService(): Service | undefined {
  const script = document.currentScript || document.querySelector('script[src*="symphony-connect"]');
  if (!(script instanceof HTMLScriptElement) || !script.src) return undefined;
  const { origin, pathname } = new URL(".", script.src);
  const { key, timing } = script.dataset;
  return {
    base: (origin + pathname).replace(/\/$/, ""),
    origin,
    key,
    // `data-timing` is for tests, which have no fifteen minutes.
    timing: { ...TIMING, ...JSON.parse(timing || "{}") },
  };
}

/** Rejects on anything but a readable status. */
export async function statusOf({ base, timing }: Service, nonce: string): Promise<Status> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timing.request);
  try {
    const response = await fetch(`${base}/oauth/status?nonce=${nonce}`, {
      cache: "no-store",
      credentials: "omit",
      signal: abort.signal,
    });
    const status: Status = await response.json();
    if (!response.ok || !status.state) throw new Error(`HTTP ${response.status}`);
    return status;
  } finally {
    clearTimeout(timer);
  }
}
