// In a window that the connect page opened, once the platform has answered: send that page on, and close.
const on = document.querySelector("[data-on]").href;
const from = window.opener;
try {
  if (from && !from.closed && from.location.pathname.startsWith("/connect/")) {
    from.location.assign(on);
    window.close();
  }
} catch {
  // The page has left for another site: this window goes on by itself.
}
