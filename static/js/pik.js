// Small comforts. Every page works without them.

// After a refused form the first thing read is what to correct, or what to choose.
document.querySelector("[data-error-summary], [data-read-first]")?.focus();

// Open menus close on Escape and on a click elsewhere, as people expect of menus.
const menus = document.querySelectorAll("details[data-menu]");

function closeMenus(except) {
  for (const menu of menus) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement.closest("details[data-menu][open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

// A table that fits needs no stop for the keyboard.
function setScrollStops() {
  for (const region of document.querySelectorAll(".pik-scroll")) {
    const scrolls = region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight;
    region.tabIndex = scrolls ? 0 : -1;
  }
}

setScrollStops();
window.addEventListener("resize", setScrollStops);

// On a phone a table of words stands as cards: each value names its column, and rows and cells keep saying what they are.
function nameColumns(table) {
  const columns = [...table.tHead.rows[0].cells].map((head) => ({
    label: head.firstChild?.textContent.trim() ?? "", unit: head.querySelector("small")?.textContent ?? "",
  }));
  table.setAttribute("role", "table");
  for (const part of [table.tHead, ...table.tBodies]) part.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    for (const cell of row.cells) {
      const heads = { col: "columnheader", row: "rowheader" };
      cell.setAttribute("role", heads[cell.scope] ?? "cell");
      const { label, unit } = columns[cell.cellIndex];
      Object.assign(cell.dataset, { label, unit });
    }
  }
  table.dataset.named = "";
}

document.querySelectorAll(".pik-table--cards").forEach(nameColumns);

// What is on its way is not sent again by another click, until the answer is there. An answer that leaves the page as it
// is (a file, or none) ends nothing that a script could see: after this time the form can be sent again.
const GIVE_UP_AFTER = 15000;

function release(form) {
  clearTimeout(Number(form.dataset.sent));
  delete form.dataset.sent;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if ("sent" in form.dataset) event.preventDefault();
  else form.dataset.sent = setTimeout(release, GIVE_UP_AFTER, form);
});
// Back in the history, also from an error of the browser, the page can be sent again.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
