/** Types of symphony-connect.min.js, which defines one global: `SymphonyConnect`. */

export type ErrorCode =
  | "access_denied"
  | "popup_blocked"
  | "popup_closed"
  | "opener_lost"
  | "origin_not_allowed"
  | "permissions_missing"
  | "identity_mismatch"
  | "session_expired"
  | "not_configured"
  | "invalid_request"
  | "platform_error"
  | "network"
  | "timeout";

/** What `onError` gets and a Promise rejects with: an `Error` whose `code` stays the same between releases. */
export interface ConnectError extends Error {
  readonly code: ErrorCode;
}

export interface FacebookUserResponse {
  /** Short-lived user access token. */
  accessToken: string;
  userId: string;
  /** Seconds; 0 means no known end. */
  expiresIn: number;
}

export interface TikTokUserResponse {
  accessToken: string;
  /** null when TikTok could not list them just then. */
  advertiserIds: string[] | null;
  /** Seconds; null means no known end. */
  expiresIn: number | null;
}

export interface ConnectResult {
  brandId: number;
  platform: string;
  status: "connected" | "expiring" | "needs_reconnect" | "unverified" | "disconnected";
  identity: { id: string; name: string } | null;
}

/** Exactly one of the two is called, once, and never before the function that took them has returned. */
export interface Callbacks<T> {
  onSuccess?: (response: T) => void;
  onError?: (error: ConnectError) => void;
}

export interface FacebookLoginOptions extends Callbacks<FacebookUserResponse> {
  /** Permissions to ask for: some of the configured ones, as an array or separated by commas. */
  scope?: string | readonly string[];
  /** `rerequest` asks again for what the person declined before. */
  authType?: "rerequest" | "reauthenticate" | "reauthorize";
}

export interface ConnectOptions extends Callbacks<ConnectResult> {
  /** `token` of a connect session that your server made. */
  token: string;
  /** `adPlatform` of the platform, such as `meta` or `tiktok`. */
  platform: string;
}

/**
 * Call from a click: each function opens a window at once, and browsers block windows that nobody asked for.
 * Every function also returns a Promise; with `onError` given, its rejection counts as handled.
 */
export interface SymphonyConnectSdk {
  loginWithFacebook(options: FacebookLoginOptions): Promise<FacebookUserResponse>;
  loginWithTikTok(options: Callbacks<TikTokUserResponse>): Promise<TikTokUserResponse>;
  connect(options: ConnectOptions): Promise<ConnectResult>;
}

declare global {
  const SymphonyConnect: SymphonyConnectSdk;
  interface Window {
    readonly SymphonyConnect: SymphonyConnectSdk;
  }
}
