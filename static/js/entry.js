// Fast entry: a field to type a case's code into, templates that fill the form, keys for both. Everything works
// without: the list of cases is a plain choice, the buttons are sent to the server.

const form = document.querySelector("form[data-entry]");
const choice = form?.querySelector("select[data-picker]");

const plain = (text) => text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");

function makeElement(tag, className, attributes = {}) {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// A combobox after the pattern of ARIA 1.2 in front of the choice, which keeps what is sent.
function makePicker(select) {
  const id = select.id;
  const input = makeElement("input", select.className.replaceAll("__select", "__input"), {
    type: "text", id, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": `${id}_list`, autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
    placeholder: select.dataset.pickerHint,
  });
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  input.disabled = select.disabled;
  const list = makeElement("ul", "pik-picker__list", { id: `${id}_list`, role: "listbox" });
  list.setAttribute("aria-label", document.querySelector(`label[for="${id}"]`).textContent.trim());
  list.hidden = true;
  const status = makeElement("div", "kern-sr-only", { role: "status" });
  const picker = makeElement("div", "pik-picker");
  picker.append(input, list, status);
  select.id = `${id}_sent`;
  select.hidden = true;
  const wrapper = select.closest(".kern-form-input__select-wrapper");
  wrapper.after(picker);
  picker.after(select);
  wrapper.remove();

  // What is typed is sent, and kept in a draft, as it stands there, until it means a case.
  const typed = select.querySelector("[data-typed]") ?? new Option("", "");
  typed.dataset.typed = "";
  select.append(typed);

  const options = [...select.options].filter((option) => option.value && option !== typed).map((option) => {
    const [code, place = ""] = option.text.split(" · ");
    return { option, code: plain(code), place: plain(place), group: option.closest("optgroup")?.label ?? "" };
  });
  let active = null;
  // Whether the person walked to the case, instead of finding it first among others that fit as well.
  let walked = false;
  // Whether who heard that a case was taken wants it looked at before anything is saved with it.
  let asksToLook = false;

  const chosen = () => select.selectedOptions[0]?.value ? select.selectedOptions[0].text : "";
  const rows = () => [...list.querySelectorAll("[role=option]")];

  function activate(row) {
    active?.setAttribute("aria-selected", "false");
    active = row ?? null;
    if (active) {
      active.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", active.id);
      active.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(null);
  }

  // What fits: codes that begin with the text, then codes that hold it, then places; own cases stay on top.
  function rank(entry, text) {
    if (!text || entry.code.startsWith(text)) return 0;
    if (entry.code.includes(text)) return 1;
    return entry.place.includes(text) ? 2 : -1;
  }

  function open(text) {
    list.replaceChildren();
    active = null;
    walked = false;
    const groups = new Map();
    const fitting = options.map((entry) => ({ entry, rank: rank(entry, text) })).filter((found) => found.rank >= 0);
    for (const found of fitting) groups.set(found.entry.group, [...(groups.get(found.entry.group) ?? []), found]);
    for (const [name, entries] of groups) {
      const box = name ? makeElement("ul", "pik-picker__group", { role: "group", "aria-label": name }) : list;
      if (name) {
        const head = makeElement("li", "pik-picker__head", { role: "presentation" });
        head.textContent = name;
        box.append(head);
        const item = makeElement("li", "", { role: "presentation" });
        item.append(box);
        list.append(item);
      }
      for (const { entry, rank: place } of entries.sort((one, other) => one.rank - other.rank)) {
        const row = makeElement("li", "pik-picker__option", {
          id: `${id}_${entry.option.value}`, role: "option", "aria-selected": "false",
          "data-value": entry.option.value, "data-rank": place,
        });
        row.textContent = entry.option.text;
        box.append(row);
      }
    }
    if (!fitting.length) {
      const none = makeElement("li", "pik-picker__none", { role: "option", "aria-disabled": "true", "aria-selected": "false" });
      none.textContent = select.dataset.pickerNone;
      list.append(none);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    status.textContent = fitting.length ? `${select.dataset.pickerFound} ${fitting.length}` : select.dataset.pickerNone;
    if (text) activate(rows().find((row) => row.dataset.rank === "0") ?? rows().find((row) => row.dataset.value));
  }

  function isSure() {
    return walked || rows().filter((row) => row.dataset.rank === active?.dataset.rank).length === 1;
  }

  function take(row) {
    if (!row?.dataset.value) return false;
    select.value = row.dataset.value;
    input.value = chosen();
    input.removeAttribute("aria-invalid");
    input.classList.remove("kern-form-input__input--error");
    close();
    asksToLook = !select.dispatchEvent(new Event("change", { bubbles: true, cancelable: true }));
    return true;
  }

  const goOn = () => {
    const next = document.getElementById(select.dataset.pickerNext);
    next?.focus();
    next?.select?.();
  };

  function type(text) {
    typed.value = text.trim();
    typed.text = typed.value;
    typed.selected = true;
  }

  input.addEventListener("input", () => {
    type(input.value);
    open(plain(input.value));
    select.dispatchEvent(new Event("touched"));
  });
  input.addEventListener("click", () => {
    if (list.hidden) open("");
    input.select();
  });
  input.addEventListener("blur", () => {
    // Text that was typed and then left: taken when it means one case, else shown as it is and refused on saving.
    if (!list.hidden && active && input.value) take(active);
    close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open(typed.selected ? plain(input.value) : "");
      const all = rows().filter((row) => row.dataset.value);
      const step = event.key === "ArrowDown" ? 1 : -1;
      const at = all.indexOf(active);
      walked = true;
      activate(at < 0 ? all.at(step > 0 ? 0 : -1) : all[(at + step + all.length) % all.length]);
    } else if (event.key === "Enter" && !list.hidden) {
      const sure = isSure();
      if (!take(active)) event.preventDefault();
      else if (!event.ctrlKey || !sure || asksToLook) {
        event.preventDefault();
        // Of several cases one is shown before anything is saved with it.
        event.stopPropagation();
        goOn();
      }
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  // The pointer must not take the focus away before the click has chosen.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    if (take(event.target.closest("[role=option]"))) goOn();
  });
  select.addEventListener("restored", (event) => {
    if (event.detail && !select.value) type(event.detail);
    input.value = chosen();
  });
  input.value = chosen();
  return { input, goOn };
}

const holdsCase = () => Boolean(choice.value) && !("typed" in choice.selectedOptions[0].dataset);

const REPEATED = ["minutes", "topics", "kind", "channel", "mediation"];
const boxes = () => [...form.querySelectorAll("[name=topics]")];
const inTemplate = (button, name) => button.dataset[`fill${name[0].toUpperCase()}${name.slice(1)}`];

function inForm(name) {
  if (name === "topics") return boxes().filter((box) => box.checked).map((box) => box.value).sort().join(" ");
  return form.elements[name].value;
}

// What stands in an empty form: no minutes, no topic, and of each list the first choice.
function isEmpty(name) {
  return inForm(name) === (form.elements[name].options?.[0].value ?? "");
}

function nameOf(name) {
  const words = name === "topics" ? boxes()[0].closest("fieldset").querySelector("legend") : form.elements[name].labels[0];
  return words.firstChild.textContent.trim();
}

const hint = form?.querySelector("[data-kept]");
const said = { kept: hint?.textContent ?? "", draft: "" };

function mention(about, text) {
  said[about] = text;
  hint.textContent = [said.draft, said.kept].filter(Boolean).join(" ");
}

// As the server does it: what the person entered stays, what an earlier template filled in does not.
function fillIn(button, guard) {
  const earlier = form.querySelector(`[name=template][value="${CSS.escape(form.elements.filled.value)}"]`);
  const sorted = (name, text) => name === "topics" ? text.split(" ").sort().join(" ") : text;
  const own = REPEATED.filter((name) => {
    return !isEmpty(name) && !(earlier && inForm(name) === sorted(name, inTemplate(earlier, name)));
  });
  for (const name of REPEATED.filter((name) => !own.includes(name))) {
    const value = inTemplate(button, name);
    if (name === "topics") for (const box of boxes()) box.checked = value.split(" ").includes(box.value);
    else form.elements[name].value = value;
  }
  form.elements.filled.value = button.value;
  mention("kept", own.length ? `${hint.dataset.kept} ${own.map(nameOf).join(", ")}.` : "");
  form.dispatchEvent(new Event("change"));
  if (!guard?.asksFor()) form.querySelector("button[type=submit]").focus();
}

// In a group of boxes a letter goes to the next one that begins with it, as in a list; it does so nowhere else.
function goToLetter(event) {
  const group = event.target.type === "checkbox" && event.target.closest(".pik-choices");
  if (!group || event.key.length !== 1 || event.key === " " || event.ctrlKey || event.altKey || event.metaKey) return;
  const boxes = [...group.querySelectorAll("input")];
  const at = boxes.indexOf(event.target) + 1;
  const letter = event.key.toLowerCase();
  const fits = (box) => box.labels[0].textContent.trim().toLowerCase().startsWith(letter);
  [...boxes.slice(at), ...boxes.slice(0, at)].find(fits)?.focus();
}

// What is entered beside the case, and how it stands in an empty form.
const isBox = (field) => field.type === "checkbox";
const isEntry = (field) => field.name && field !== choice && field.type !== "submit";
const entries = () => [...form.elements].filter((field) => isEntry(field) && (field.type !== "hidden" || field.name === "filled"));
const stateOf = (field) => isBox(field) ? field.checked : field.value;
const emptyState = (field) => isBox(field) ? false : field.dataset.empty ?? field.options?.[0].value ?? "";
const readEntries = () => new Map(entries().map((field) => [field, stateOf(field)]));

function setState(field, state) {
  if (isBox(field)) field.checked = state;
  else field.value = state;
}

// A draft that was restored: what it says of its case is said of no other. Another case finds the form empty but for
// what was entered since; the draft rests until its own case is chosen again.
function holdDraft() {
  const code = choice.value;
  const restored = readEntries();
  let left = null;
  let unseen = false;

  function leave() {
    left = readEntries();
    form.dataset.draftRests = "";
    const gone = [...restored].filter(([field, state]) => state !== emptyState(field) && stateOf(field) === state);
    for (const [field] of gone) setState(field, emptyState(field));
    unseen = gone.length > 0;
    if (unseen) mention("draft", hint.dataset.left.replace("{code}", code));
  }

  function comeBack() {
    for (const [field, state] of left) setState(field, state);
    left = null;
    delete form.dataset.draftRests;
    unseen = false;
  }

  return (event) => {
    const isOther = choice.value !== code;
    if (isOther && !left) leave();
    else if (!isOther && left) {
      comeBack();
      mention("draft", "");
    }
    // Who typed without looking sees first with what the other case would be saved.
    if (!unseen || !holdsCase()) return;
    unseen = false;
    event.preventDefault();
  };
}

// A case that comes from a draft is not the one that somebody thinks of who just begins to type: no key saves it before
// it was looked at in its field, confirmed there or replaced.
function guardRestored({ input, goOn }) {
  let unseen = false;
  let follow = null;

  function look() {
    input.focus();
    input.select();
  }

  function see() {
    if (!unseen) return;
    unseen = false;
    mention("draft", "");
  }

  function restore() {
    see();
    unseen = holdsCase();
    follow = unseen ? holdDraft() : null;
    if (unseen) mention("draft", hint.dataset.check);
    look();
  }

  // Whether the case is still to be looked at; leads to it.
  function asksFor() {
    if (unseen) look();
    return unseen;
  }

  for (const name of ["change", "touched"]) {
    choice.addEventListener(name, (event) => {
      see();
      follow?.(event);
    });
  }
  // Before anything else hears of the key.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !unseen) return;
    // A button that somebody walked to says itself what it does; what stands out in the list is taken.
    if (event.target.matches("button") && !event.ctrlKey) return;
    if (event.target === input && input.hasAttribute("aria-activedescendant")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.target === input) {
      see();
      goOn();
    } else look();
  }, true);
  form.addEventListener("restored", restore);
  return { restore, asksFor };
}

if (form) {
  const picker = choice && makePicker(choice);
  const input = picker?.input;
  let guard = null;
  for (const button of form.querySelectorAll("[data-fill-kind]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      fillIn(button, guard);
    });
  }
  form.addEventListener("keydown", (event) => {
    goToLetter(event);
    const again = form.querySelector("[data-again]");
    if (event.key !== "Enter" || !event.ctrlKey || !again) return;
    event.preventDefault();
    again.click();
  });
  const refused = document.querySelector("[data-error-summary]");
  const asked = form.querySelector("[autofocus]");
  if (input && !refused && !asked && form.querySelector("[data-again]")) {
    guard = guardRestored(picker);
    if (document.querySelector(".pik-draft")) guard.restore();
    else if (!location.hash) (holdsCase() ? document.getElementById(choice.dataset.pickerNext) : input).focus();
  }
}
