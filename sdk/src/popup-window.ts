const WIDTH = 600;
const HEIGHT = 720;

/**
 * Opens a window in the middle of this one, or reuses the one of that name. Null when the browser blocks it.
 * Only works inside the call of a click, so nothing may be awaited before.
 */
export function openPopup(url: string, name: string): Window | null {
  const left = Math.round(screenX + (outerWidth - WIDTH) / 2);
  const top = Math.round(screenY + (outerHeight - HEIGHT) / 2);
  const popup = open(url, name, `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`);
  if (!popup || popup.closed) return null;
  // Browsers inside other apps may return an object that is no whole window.
  if (typeof popup.focus === "function") popup.focus();
  return popup;
}

/** 32 random bytes, base64url. */
export function makeNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (each) => ({ "+": "-", "/": "_" })[each] || "");
}
