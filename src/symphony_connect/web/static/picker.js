// Choosing ad accounts and the like: the button counts the ad accounts; where there are many, they can be searched and
// selected at once.
const use = document.querySelector("[data-other]");
const accounts = [...document.querySelectorAll("[name=account][type=checkbox]")];
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function button() {
  if (!use) return;
  const n = accounts.filter((box) => box.checked).length;
  const { none, one, other } = use.dataset;
  use.textContent = (n === 0 ? none : n === 1 ? one : other).replace("#", n);
}

function count() {
  button();
  for (const part of document.querySelectorAll("[data-picker]")) {
    // The count of ad accounts stands beside the button, outside of their own part of the form.
    const boxes = [...part.querySelectorAll("[type=checkbox]")];
    const counted = part.querySelector("[data-count]") ?? (boxes[0]?.name === "account" && document.querySelector(".stick [data-count]"));
    if (counted) counted.textContent = counted.dataset.count.replace("#", boxes.filter((box) => box.checked).length);
    if (counted && part.querySelector("[type=search]")) counted.hidden = false;
  }
}

function searchable(part) {
  const find = part.querySelector("[type=search]");
  if (!find) return;
  const status = part.querySelector("[data-shown]");
  const rows = [...part.querySelectorAll("[type=checkbox]")].map((box) => {
    const row = box.closest("li");
    return { row, box, words: plain(`${row.textContent} ${row.closest("[data-group]").dataset.group}`).replace(/\s+/g, " ") };
  });
  const set = (checked, some = rows) => { for (const { box } of some) box.checked = checked; count(); };
  find.closest("[hidden]").hidden = false;
  find.addEventListener("input", () => {
    const wanted = plain(find.value).split(/\s+/).filter(Boolean), phrase = wanted.join(" ");
    // The words as they were typed, where anything has them so; otherwise in any order.
    const together = rows.some(({ words }) => words.includes(phrase));
    let shown = 0;
    for (const { row, words } of rows) {
      row.hidden = !(together ? words.includes(phrase) : wanted.every((word) => words.includes(word)));
      shown += !row.hidden;
    }
    for (const group of part.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("li:not([hidden])");
    status.textContent = !wanted.length ? "" : shown ? status.dataset.shown.replace("#", shown) : status.dataset.empty;
  });
  // Enter searches; it must not send the form.
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  part.querySelector("[data-all]").addEventListener("click", () => set(true, rows.filter(({ box }) => !box.closest("[hidden]"))));
  part.querySelector("[data-clear]").addEventListener("click", () => set(false));
}

for (const part of document.querySelectorAll("[data-picker]")) searchable(part);
document.addEventListener("change", count);
// The browser may have restored what was chosen before.
addEventListener("pageshow", count);
count();
