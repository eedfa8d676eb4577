import type { Status } from "./service";
import type { Timing } from "./timing";

/**
 * Whether a popup that reports `closed` is closed.
 *
 * A platform's page may sever the popup from its opener (Cross-Origin-Opener-Policy); from then on it reports
 * `closed` although somebody is using it. Three things tell the cases apart: a severance happens when the platform's
 * page loads, a state that moves on means that somebody is there, and a window that really closes gives the focus
 * back to this page. So `closed` is believed once this page has had the focus for long enough since the last sign of
 * life, and how long depends on how likely a severance is.
 */
export class Closure {
  private focused = 0;
  private state?: Status["state"];
  private doubtful = true;

  /** `before` is the last state heard while the popup was seen open. */
  constructor(
    private readonly timing: Timing,
    private readonly at: number,
    private readonly before?: Status["state"],
  ) {}

  /** Takes in a status that was asked for after `closed` was seen. */
  hear(status: Status, now: number): void {
    if (!this.state) this.doubtful = this.maybeSevered(status, now);
    else if (this.state !== status.state) {
      this.doubtful = true;
      this.focused = 0;
    }
    this.state = status.state;
  }

  /** Counts time that passed while this page had the focus. A late timer proves nothing about the time before it. */
  pass(elapsed: number): void {
    if (document.hasFocus() && document.visibilityState === "visible") {
      this.focused += Math.min(elapsed, 2 * this.timing.tick);
    }
  }

  get believed(): boolean {
    return !!this.state && this.focused >= (this.doubtful ? this.timing.doubt : this.timing.grace);
  }

  /** Whether this page has been used for so long that nobody can be using the popup. */
  get alone(): boolean {
    return this.focused >= this.timing.doubt;
  }

  get pollEvery(): number {
    return this.doubtful ? this.timing.pollSevered : this.timing.pollClosed;
  }

  private maybeSevered({ state, sinceMs }: Status, now: number): boolean {
    if (state === "unknown" || state === "started") return false;
    if (state === "confirming" && this.before === state) return false;
    return sinceMs === undefined || sinceMs - (now - this.at) <= this.timing.severance;
  }
}
