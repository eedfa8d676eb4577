/** Every waiting time there is, in milliseconds. */
export const TIMING = {
  /** How often the popup is looked at. */
  tick: 250,
  firstPoll: 1_000,
  /** Between status calls while the popup is open. */
  poll: 2_000,
  /** Between status calls once the popup says it is closed, and it most likely is. */
  pollClosed: 500,
  /** The same, when it may as well have been severed. */
  pollSevered: 1_000,
  /** A COOP page severs the opener as it loads: this soon after the browser was sent there, by a slow network too. */
  severance: 3_000,
  /** How long the page must have had the focus before a popup that most likely is closed is believed. */
  grace: 1_500,
  /** The same, when it may as well have been severed. */
  doubt: 8_000,
  /** How long a message may trail the status that announces it. */
  message: 2_000,
  /** One status call. */
  request: 10_000,
  /** Status calls may fail this long. */
  offline: 5_000,
  /** The whole sign-in. */
  limit: 15 * 60_000,
};

export type Timing = typeof TIMING;
