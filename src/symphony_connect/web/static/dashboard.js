// Keeps the dashboard fresh without a reload: never takes the focus, never moves what is being read.
"use strict";
(() => {
  const ATTENDED = 3_000, ELSE = 60_000, LOST = 10_000;
  const page = document.body, one = (query) => document.querySelector(query);
  let pulse = page.dataset.pulse, wasStale = null, read = Date.now(), good = Date.now(), timer = 0, waiting = null, kept = false;

  // Copying

  const say = (words) => { one("#said").textContent = words; };

  async function copy(text, button) {
    const before = button.dataset.words ??= button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      say("Copied");
      setTimeout(() => { button.textContent = before; }, 4_000);
      return true;
    } catch {
      return false;
    }
  }

  function shown(url, near) {
    // Where the clipboard is out of reach, the link is shown, chosen, to be copied by hand.
    const many = url.includes("\n"), [box, label, input] = ["p", "label", many ? "textarea" : "input"].map((name) => document.createElement(name));
    box.className = "copyable";
    label.htmlFor = input.id = "made-link";
    label.textContent = many ? "Links for the owners" : "Link for the owner";
    input.readOnly = true;
    input.value = url;
    box.append(label, input);
    one("#made-link")?.parentElement.remove();
    (one("#copied") ?? near).append(box);
    input.focus();
    input.select();
  }

  function failed(form) {
    const note = document.createElement("p");
    note.className = "note bad failed";
    note.setAttribute("role", "alert");
    note.textContent = "The service is not responding. Nothing was done. Try again in a moment.";
    form.parentElement.querySelector(".failed")?.remove();
    form.after(note);
  }

  async function copyLink(answer, form, button) {
    const { url } = await answer.json();
    button.disabled = false;
    if (!await copy(url, button)) shown(url, form.parentElement);
  }

  // A new key is held here and nowhere in the page, until it is taken or the page is left.
  let key = null, taken = false;

  async function offerKey(answer, form, button) {
    key = { text: await answer.text(), file: answer.headers.get("content-disposition").match(/"(.+)"/)[1] };
    taken = button.disabled = false;
    form.reset();
    form.closest("details").open = false;
    document.querySelectorAll(".note.bad[role=alert]").forEach((note) => note.remove());
    one("#made").hidden = false;
    one("#made-title").focus();
    pulse = "";
    soon();
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([key.text], { type: "text/plain" }));
    link.download = key.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    taken = true;
    say(`Saved as ${key.file}`);
  }

  one("#copy-key")?.addEventListener("click", async ({ target }) => { if (await copy(key.text.trim(), target)) taken = true; else save(); });
  one("#save-key")?.addEventListener("click", save);
  addEventListener("beforeunload", (event) => { if (key && !taken) event.preventDefault(); });

  addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (!button) return;
    const many = "copiesLinks" in button.dataset && !form.dataset.plain && boxes().some((box) => box.checked);
    const deed = many || "copy" in form.dataset ? copyLink : "key" in form.dataset ? offerKey : null;
    if (!deed) {
      // A file leaves the page as it is.
      if (button.value !== "csv") setTimeout(() => { button.disabled = form.method === "post"; });
      return;
    }
    event.preventDefault();
    // Another key would take the place of one that nobody has yet.
    if (deed === offerKey && key && !taken) return one("#made-title").focus();
    button.disabled = true;
    form.parentElement.querySelector(".failed")?.remove();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)), headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error();
      await deed(answer, form, button);
    } catch (failure) {
      button.disabled = false;
      // No answer at all: a form that is sent now would only end on the browser's own error page.
      if (failure instanceof TypeError) return failed(form);
      // As without this script: the page that answers says what is wrong.
      delete form.dataset.copy;
      delete form.dataset.key;
      form.dataset.plain = "yes";
      form.requestSubmit(button);
    }
  });

  // The menu closes as menus do.
  const menu = one(".who");
  addEventListener("keydown", ({ key: pressed }) => {
    if (pressed !== "Escape" || !menu?.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  addEventListener("click", ({ target }) => { if (menu?.open && !menu.contains(target)) menu.open = false; });

  addEventListener("pageshow", () => { for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false; });

  for (const button of document.querySelectorAll("[data-copies]")) {
    const input = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => { if (!await copy(input.value, button)) { input.focus(); input.select(); } });
  }

  // Finding: a filter applies when it is changed, and the focus stays where it is.

  async function narrow(form) {
    const url = new URL(form.action);
    url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    try {
      const answer = await fetch(url, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !page.querySelector("[data-results]")) throw new Error();
      for (const part of ["[data-results]", ".range"]) one(part)?.replaceWith(document.adoptNode(page.querySelector(part)));
      history.replaceState(null, "", url);
      picked();
      say(one(".range")?.textContent ?? one(".nothing")?.textContent ?? "Updated");
    } catch {
      form.requestSubmit();
    }
  }

  const filters = one("[data-filters]");
  filters?.addEventListener("change", ({ target }) => { if (target.matches("select, [type=date]")) narrow(filters); });

  // A key of one letter can be switched off in the menu (WCAG 2.1.4).
  const slash = one("#slash");
  if (slash) {
    slash.closest("label").hidden = false;
    slash.checked = localStorage.slash !== "off";
    slash.addEventListener("change", () => { localStorage.slash = slash.checked ? "on" : "off"; });
  }
  addEventListener("keydown", (event) => {
    const search = one(".filters [type=search]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !search || !slash?.checked) return;
    if (event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // Picking several rows

  const boxes = () => [...document.querySelectorAll(".pick input")];

  function picked() {
    const all = one("[data-all]"), count = boxes().filter((box) => box.checked).length;
    if (!all) return;
    all.closest("label").hidden = false;
    all.checked = count > 0 && count === boxes().length;
    all.indeterminate = count > 0 && !all.checked;
    const links = one("[data-copies-links]");
    if (links) links.textContent = count ? `Copy ${count} ${count === 1 ? "link" : "links"}` : "Copy links";
    one(".bulk [value=csv]").textContent = count ? `CSV of ${count}` : "CSV";
  }

  addEventListener("change", ({ target }) => {
    if (target.matches("[data-all]")) for (const box of boxes()) box.checked = target.checked;
    if (target.matches("[data-all], .pick input")) picked();
  });
  picked();

  // Freshness

  if (pulse === undefined) return;

  const attended = () => document.visibilityState === "visible" && document.hasFocus();
  const busy = (part) => part.contains(document.activeElement) || (!getSelection().isCollapsed && getSelection().containsNode(part, true));

  function put(here, there) {
    if (here.outerHTML === there.outerHTML) return;
    if (busy(here)) kept = true;
    else here.replaceWith(document.adoptNode(there));
  }

  function putRows(there) {
    const here = one("[data-rows]"), keys = (body) => [...body.rows].map((row) => row.dataset.key).join();
    if (!here || !there) return;
    if (keys(here) !== keys(there)) {
      // Rows that come, go or change places wait for a click.
      const old = new Map([...here.rows].map((row, place) => [row.dataset.key, place]));
      const moved = [...there.rows].filter((row, place) => old.get(row.dataset.key) !== place).length || 1;
      waiting = document.adoptNode(there.cloneNode(true));
      one("#news").hidden = false;
      one("#news button").textContent = `${moved} ${moved === 1 ? "row" : "rows"} changed places ↑`;
    }
    const fresh = new Map([...there.rows].map((row) => [row.dataset.key, row]));
    for (const row of [...here.rows]) if (fresh.has(row.dataset.key)) put(row, fresh.get(row.dataset.key));
  }

  one("#news button")?.addEventListener("click", () => {
    one("[data-rows]").replaceWith(waiting);
    one("#news").hidden = true;
    one("#connections").focus();
  });

  async function reread() {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (fresh.body.dataset.pulse === undefined) return location.reload();
    kept = false;
    for (const part of document.querySelectorAll("[data-live]")) {
      const there = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (there) put(part, there);
    }
    putRows(fresh.querySelector("[data-rows]"));
    document.title = fresh.title;
    const icon = fresh.querySelector("#favicon").getAttribute("href");
    if (one("#favicon").getAttribute("href") !== icon) one("#favicon").setAttribute("href", icon);
    // What somebody held on to is tried again at the next look.
    pulse = kept ? "" : fresh.body.dataset.pulse;
    read = Date.now();
  }

  async function look() {
    try {
      const answer = await fetch("/dashboard/pulse", { headers: { accept: "application/json" } });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error();
      const now = await answer.json();
      if (now.pulse !== pulse || (wasStale !== null && now.stale !== wasStale) || Date.now() - read > ELSE) await reread();
      wasStale = now.stale;
      good = Date.now();
      one("#lost").hidden = true;
    } catch {
      if (Date.now() - good > LOST && one("#lost").hidden) {
        one("#lost-at").textContent = `${new Date(good).toISOString().slice(11, 19)} UTC`;
        one("#lost").hidden = false;
        document.title = `(!) ${document.title.replace(/^\(.*?\) /, "")}`;
        read = 0;
      }
    }
    tell();
    timer = setTimeout(look, attended() ? ATTENDED : ELSE);
  }

  function tell() {
    const ago = Math.round((Date.now() - good) / 1000);
    const updated = document.createElement("span");
    updated.className = "wide";
    updated.textContent = "updated ";
    one("#live").replaceChildren(...(one("#lost").hidden ? ["Live · ", updated, `${ago} s ago`] : ["Not updating"]));
  }

  const soon = () => { clearTimeout(timer); timer = setTimeout(look); };
  setInterval(tell, 1_000);
  addEventListener("focus", soon);
  document.addEventListener("visibilitychange", soon);
  timer = setTimeout(look, ATTENDED);
})();
