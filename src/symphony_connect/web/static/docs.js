// Shows /openapi.json by Swagger UI.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();

const answer = await fetch("/openapi.json");
const spec = await answer.json();
// The page may call only the address it came from, which need not be the public one.
if (!spec.servers.some((server) => server.url === location.origin)) {
  spec.servers.unshift({ url: location.origin, description: "where this page comes from" });
}
// The viewer's own lists have no names.
const NAMES = { servers: "Server", "examples-select-element": "Example", "content-type": "Media type" };
const name = () => {
  for (const list of document.querySelectorAll("#reference select:not([aria-label])")) {
    const known = [list.id, ...list.classList].find((word) => word in NAMES);
    list.setAttribute("aria-label", NAMES[known] ?? list.closest("tr")?.dataset.paramName ?? "Choice");
  }
};
new MutationObserver(name).observe(document.getElementById("reference"), { childList: true, subtree: true });
SwaggerUIBundle({
  spec,
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestSnippetsEnabled: false,
});
