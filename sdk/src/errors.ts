import type { ConnectError, ErrorCode } from "../symphony-connect";

const CODES: readonly ErrorCode[] = [
  "access_denied",
  "popup_blocked",
  "popup_closed",
  "opener_lost",
  "origin_not_allowed",
  "permissions_missing",
  "identity_mismatch",
  "session_expired",
  "not_configured",
  "invalid_request",
  "platform_error",
  "network",
  "timeout",
];

export function failure(code: ErrorCode, message: string): ConnectError {
  return Object.assign(new Error(message), { code });
}

/** An error as the service words it; a code that is not public yet counts as the platform's. */
export function reported(error?: { code?: string; message?: string }): ConnectError {
  const { code = "", message } = error || {};
  const known = CODES.find((each) => each === code) || "platform_error";
  return failure(known, message || code || "The sign-in failed.");
}
