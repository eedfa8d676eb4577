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
SwaggerUIBundle({
  spec,
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestSnippetsEnabled: false,
});
