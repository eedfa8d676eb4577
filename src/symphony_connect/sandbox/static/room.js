const outcome = document.getElementById("outcome");
const fresh = document.getElementById("fresh");
const seen = Number(document.querySelector("main").dataset.seen);

async function send(form, submitter) {
  const fields = [...new FormData(form, submitter)].map(([name, value]) => [
    name,
    form.elements[name].dataset?.kind === "number" ? Number(value) : value,
  ]);
  const post = form.dataset.post;
  const answer = await fetch(post || form.dataset.delete, {
    method: post ? "POST" : "DELETE",
    headers: { "Content-Type": "application/json" },
    body: post ? JSON.stringify(Object.fromEntries(fields)) : undefined,
  });
  if (answer.ok) location.reload();
  else outcome.textContent = (await answer.json()).error;
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter).catch(() => (outcome.textContent = "The sandbox does not answer."));
});

// New calls wait behind a button, so that the list never jumps under a reader.
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch(`/_sandbox/calls?after=${seen}`).catch(() => null);
  if (!answer?.ok) return;
  const { calls } = await answer.json();
  fresh.hidden = calls.length === 0;
  fresh.textContent = `${calls.length} new ↑`;
}, 3000);
fresh.addEventListener("click", () => location.reload());
