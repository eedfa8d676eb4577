// The control room. Every control is a form that says in its attributes which call it makes:
//   data-call="POST /_sandbox/clock"   data-done="a sentence with {placeholders}"
// The value of an option or a button may be JSON, and then says several things at once.
const $ = (id) => document.getElementById(id);
const ATTENDED = 2_000;
const AWAY = 30_000;
let busy = false;

// Fields with data-read: empty ones are left out. A dot in a name leads into an object.
const READ = {
  number: Number,
  json: (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  },
  pairs: (text) => Object.fromEntries(text.split("\n").filter((line) => line.trim()).map(pair)),
};

function pair(line) {
  const at = line.search(/[:=]/);
  return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

function read({ name, value, dataset }, body) {
  if (!value.trim()) return;
  const [outer, inner] = name.split(".");
  const told = READ[dataset.read](value);
  if (inner) body[outer] = { ...body[outer], [inner]: told };
  else body[outer] = told;
}

// What a form orders: its call, and the words for what was chosen in it.
function order(form, pressed) {
  const [method, path] = form.dataset.call.split(" ");
  const body = {};
  const words = {};
  const fields = [...form.elements].filter((field) => field.name && field.type !== "submit");
  for (const field of pressed?.name ? [...fields, pressed] : fields) {
    const { name, value, type } = field;
    const option = field.selectedOptions?.[0];
    words[name] = option ? option.textContent : value;
    words[`${name}Hint`] = option?.dataset.hint;
    if (field.dataset.read) read(field, body);
    else if ((option || field === pressed) && value.startsWith("{")) Object.assign(body, JSON.parse(value));
    else if (type === "checkbox") body[name] = field.checked;
    else if (type === "number") body[name] = Number(value);
    else if (value) body[name] = value;
  }
  if (body.answer) {
    delete body.error;
    words.answer = `${body.answer.status ?? 200}, your own`;
  }
  return { method, path, body: method === "DELETE" ? null : body, words };
}

function curl({ method, path, body }) {
  const json = body && JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl -X ${method} ${location.origin}${path}${body ? ` -H 'Content-Type: application/json' -d '${json}'` : ""}`;
}

async function send({ method, path, body }) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

function say(kind, text, command = "") {
  $("outcome").className = kind;
  $("outcome").textContent = text;
  $("again").hidden = !command;
  $("again").value = command;
}

function copy(command) {
  navigator.clipboard.writeText(command).then(
    () => say("ok", `Copied: ${command}`),
    () => say("bad", `The browser lets nobody copy; here it is: ${command}`),
  );
}

// Nothing else can be pressed until the sandbox has answered and the page shows it.
function lock(on) {
  busy = on;
  document.body.setAttribute("aria-busy", on);
  for (const button of document.querySelectorAll("button")) {
    if (on) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

async function act(form, pressed) {
  const wanted = order(form, pressed);
  lock(true);
  say("busy", form.dataset.busy || "Telling the sandbox…");
  try {
    const words = { ...(await send(wanted)), ...wanted.words };
    say("ok", form.dataset.done.replace(/\{(\w+)\}/g, (_, name) => words[name] || ""), curl(wanted));
    if ("clear" in form.dataset) form.reset();
  } catch (error) {
    say("bad", error instanceof TypeError ? "The sandbox does not answer." : error.message);
  }
  await renew();
  lock(false);
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (busy) return;
  event.target.closest("dialog")?.close();
  act(event.target, event.submitter);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button || busy) return;
  if (button.dataset.open) $(button.dataset.open).showModal();
  if ("close" in button.dataset) button.closest("dialog").close();
  if (button.matches("form .curl")) copy(curl(order(button.form, button.form.querySelector("[name=set]"))));
});
$("again").addEventListener("click", (event) => copy(event.target.value));

// An action explains itself; a platform's documented errors are answered by that platform only.
function explain() {
  for (const select of document.querySelectorAll("select[name=action]")) {
    $(select.getAttribute("aria-describedby")).textContent = select.selectedOptions[0]?.dataset.hint;
  }
  const platform = $("place").selectedOptions[0]?.dataset.platform;
  for (const group of $("answer").querySelectorAll("[data-platform]")) {
    group.hidden = group.disabled = group.dataset.platform !== platform;
  }
  if ($("answer").selectedOptions[0]?.parentNode.disabled) $("answer").selectedIndex = 0;
}
document.addEventListener("change", explain);

// The page reads itself again. Forms stay as they are; what is shown beside them is replaced where it changed.
async function renew() {
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const list of page.querySelectorAll("[data-list]")) match($(list.id), list);
    for (const part of page.querySelectorAll("[data-live]")) replace($(part.id), part);
    $("now").dataset.offset = page.getElementById("now").dataset.offset;
    ledger(page.getElementById("calls"));
    $("pulse").className = "soft live";
    $("pulse").textContent = "Live";
  } catch {
    if (!$("pulse").matches(".lost")) $("pulse").textContent = `No answer since ${new Date().toTimeString().slice(0, 8)}`;
    $("pulse").className = "lost";
  }
}

function replace(old, fresh) {
  if (old.innerHTML === fresh.innerHTML) return;
  const focus = old.contains(document.activeElement) && document.activeElement.id;
  const chosen = old.value;
  old.replaceChildren(...fresh.childNodes);
  if (chosen !== undefined) old.value = [...old.options].some(({ value }) => value === chosen) ? chosen : old.options[0].value;
  if (focus !== false) ($(focus) || old).focus();
}

function match(old, fresh) {
  for (const gone of [...old.children].filter((child) => ![...fresh.children].some(({ id }) => id === child.id))) gone.remove();
  for (const child of [...fresh.children].filter(({ id }) => !$(id))) old.append(child);
  explain();
}

// New calls wait behind a button, so that the list never jumps under a reader; those shown are kept true in place.
let waiting = null;

function ledger(fresh) {
  const shown = $("calls");
  const newest = Number(shown.querySelector("[data-number]")?.dataset.number ?? 0);
  const started = Number(fresh.dataset.count) < Number(shown.dataset.count);
  shown.dataset.count = fresh.dataset.count;
  const rows = [...fresh.querySelectorAll("[data-number]")];
  for (const row of rows) {
    const old = $(row.id);
    if (!old) continue;
    // What somebody has opened stays open.
    const fresh = row.cloneNode(true);
    fresh.querySelector("details").open = old.querySelector("details").open;
    if (old.innerHTML !== fresh.innerHTML) old.replaceWith(fresh);
  }
  waiting = fresh;
  const count = rows.filter((row) => Number(row.dataset.number) > newest).length;
  if (started || (!newest && count)) return show();
  $("fresh").hidden = !count;
  $("fresh").textContent = `${count} new ↑`;
  document.title = document.title.replace(/^(\(\d+\) )?/, count ? `(${count}) ` : "");
}

function show() {
  const open = [...$("calls").querySelectorAll("details[open]")].map(({ id }) => id);
  $("calls").replaceChildren(...waiting.childNodes);
  for (const id of open) if ($(id)) $(id).open = true;
  if (document.activeElement === $("fresh")) $("h-calls").focus();
  $("fresh").hidden = true;
  document.title = document.title.replace(/^\(\d+\) /, "");
}
$("fresh").addEventListener("click", show);

let timer;
async function watch() {
  clearTimeout(timer);
  if (!busy) await renew();
  clearTimeout(timer);
  timer = setTimeout(watch, document.hidden ? AWAY : ATTENDED);
}
document.addEventListener("visibilitychange", watch);
setInterval(() => {
  const time = new Date(Date.now() + Number($("now").dataset.offset));
  $("now").textContent = time.toISOString().slice(0, 19).replace("T", " ");
}, 500);
explain();
watch();
