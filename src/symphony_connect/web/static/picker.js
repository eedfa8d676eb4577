// Choosing ad accounts: the button counts them; where there are many, they can be searched and selected at once.
const use = document.querySelector("[data-other]");
const boxes = [...document.querySelectorAll("[name=account]")];
const find = document.getElementById("find");
const counted = document.querySelector("[data-count]");

function count() {
  const n = boxes.filter((box) => box.checked).length;
  const { none, one, other } = use.dataset;
  use.textContent = (n === 0 ? none : n === 1 ? one : other).replace("#", n);
  if (counted) counted.textContent = counted.dataset.count.replace("#", n);
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function set(some, checked) {
  for (const box of some) box.checked = checked;
  count();
}

if (find) {
  const status = document.querySelector("[data-shown]");
  const rows = boxes.map((box) => {
    const row = box.closest("li");
    return { row, box, words: plain(`${row.textContent} ${row.closest("[data-group]").dataset.group}`).replace(/\s+/g, " ") };
  });
  find.closest("[hidden]").hidden = false;
  counted.hidden = false;
  find.addEventListener("input", () => {
    const wanted = plain(find.value).split(/\s+/).filter(Boolean), phrase = wanted.join(" ");
    // The words as they were typed, where anything has them so; otherwise in any order.
    const together = rows.some(({ words }) => words.includes(phrase));
    let shown = 0;
    for (const { row, words } of rows) {
      row.hidden = !(together ? words.includes(phrase) : wanted.every((word) => words.includes(word)));
      shown += !row.hidden;
    }
    for (const group of document.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("li:not([hidden])");
    status.textContent = !wanted.length ? "" : shown ? status.dataset.shown.replace("#", shown) : status.dataset.empty;
  });
  // Enter searches; it must not send the form.
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  document.querySelector("[data-all]").addEventListener("click", () => set(boxes.filter((box) => !box.closest("[hidden]")), true));
  document.querySelector("[data-clear]").addEventListener("click", () => set(boxes, false));
}
document.addEventListener("change", count);
// The browser may have restored what was chosen before.
addEventListener("pageshow", count);
count();
