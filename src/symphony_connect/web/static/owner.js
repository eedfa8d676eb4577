// On every page of an owner. All of it works without; this only makes it kinder.
const lang = document.documentElement.lang;
const locale = navigator.languages.find((tag) => tag.split("-")[0] === lang) || lang;

// Times in the reader's own zone and manner.
for (const time of document.querySelectorAll("time")) {
  const day = "day" in time.dataset;
  const form = { dateStyle: "medium", ...(day ? {} : { timeStyle: "short" }) };
  time.textContent = new Intl.DateTimeFormat(locale, form).format(new Date(time.dateTime));
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.firstElementChild.textContent = button.dataset.copied;
  });
}
