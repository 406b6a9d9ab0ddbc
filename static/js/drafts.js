// Nothing typed is lost. While somebody types, the form is kept on the server; until it is there, in this tab. A form
// that is sent after the session has ended asks for the password in place and is then sent once; so does a form of
// buttons alone, of which there is nothing to keep.

const KEEP_AFTER = 1500;
// Somebody who types without a pause is kept as well.
const KEEP_WITHIN = 4000;
const PREFIX = "pik-draft:";
// What belongs to the page; the version is none of it: it says what the person had before them.
const PAGE_NAMES = ["csrfmiddlewaretoken", "draft", "owner", "drafted", "entry_key"];
const dialog = document.getElementById("login-again");

function forgetHere() {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
  }
}

// Nobody is logged in here, or is about to leave: nothing typed stays in the browser, in other tabs neither.
const leaving = new BroadcastChannel("pik-leaving");
leaving.addEventListener("message", forgetHere);
if (!dialog) forgetHere();
for (const logout of document.querySelectorAll("form[action$='/logout/']")) {
  logout.addEventListener("submit", () => {
    forgetHere();
    leaving.postMessage("");
  });
}

function say(form, text) {
  const status = form.querySelector("[data-draft-status]");
  status.hidden = !text;
  if (status.textContent !== text) status.textContent = text;
}

function keepWhileTyping(form) {
  const key = `${PREFIX}${dialog.dataset.who}:${form.elements.draft.value}`;
  let timer = null;
  let unsentSince = null;
  let sending = Promise.resolve();

  const typed = () => new URLSearchParams(new FormData(form));

  // Which fields the server does not keep, because their words could tell who somebody is.
  function tell(refused) {
    const { refused: notKept } = form.querySelector("[data-draft-status]").dataset;
    const words = refused.filter(({ why }) => why).map(({ field, why }) => {
      const label = form.querySelector(`label[for="id_${field}"]`);
      // Fields of one name stand in groups, as the steps of a goal do.
      const group = label?.closest("fieldset")?.querySelector("legend")?.textContent.trim();
      return `${group ? `${group}: ` : ""}${label?.textContent.trim() ?? field}: ${notKept} ${why}`;
    });
    say(form, words.join(" "));
  }

  async function send() {
    clearTimeout(timer);
    unsentSince = null;
    // Also when the answer gets lost: what was saved may have a draft then.
    form.elements.drafted.value = "1";
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST", body: typed(), credentials: "same-origin", redirect: "manual", keepalive: true,
      });
      if (!answer.ok) {
        say(form, form.querySelector("[data-draft-status]").dataset.lost);
        return;
      }
      const refused = answer.status === 200 ? (await answer.json()).refused : [];
      tell(refused);
      // What the server does not keep stays in this tab until it is saved.
      if (!refused.length) sessionStorage.removeItem(key);
    } catch {
      // No network: it stays in this tab and goes along with the next key.
    }
  }

  function keep() {
    // What is on its way to be saved is no draft any more.
    if ("sent" in form.dataset) return;
    sessionStorage.setItem(key, typed().toString());
    // Another case stands in the place of the draft's: the draft stays as it is until something is saved.
    if ("draftRests" in form.dataset) {
      stop();
      return;
    }
    clearTimeout(timer);
    unsentSince ??= Date.now();
    const wait = Math.min(KEEP_AFTER, unsentSince + KEEP_WITHIN - Date.now());
    timer = setTimeout(() => { sending = send(); }, wait);
  }

  function stop() {
    clearTimeout(timer);
    unsentSince = null;
  }

  // Who closes the tab, or puts the telephone away, does not wait for it.
  function keepNow() {
    if (unsentSince !== null) sending = send();
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden) keepNow(); });
  addEventListener("pagehide", keepNow);

  // What is discarded goes from this tab as well, also when the server has not heard of it yet.
  function drop() {
    stop();
    sessionStorage.removeItem(key);
  }
  document.querySelector(".pik-draft")?.addEventListener("submit", drop);

  // The page came before the server had kept what this tab holds; by now it may have.
  function offerToDiscard(notice) {
    form.before(notice.content.cloneNode(true));
    const button = document.querySelector("[data-discard]");
    button.addEventListener("click", async () => {
      stop();
      await sending;
      const { draft, csrfmiddlewaretoken: token } = form.elements;
      try {
        await post(button.dataset.discard, token.value, { draft: draft.value });
      } catch {
        say(form, dialog.dataset.offline);
        return;
      }
      drop();
      location.replace(location.pathname + location.search);
    });
  }

  form.addEventListener("input", keep);
  // A script that fills a field in says so with a change.
  form.addEventListener("change", keep);

  // What this tab still holds was typed after the last time the server heard of it.
  const held = sessionStorage.getItem(key);
  const refused = document.querySelector("[data-error-summary]");
  // The server has kept what it may of a form that it refused; the rest stays here.
  if (refused) sessionStorage.setItem(key, typed().toString());
  if (held && !refused) {
    const values = new URLSearchParams(held);
    const fields = [...form.elements].filter((field) => {
      return field.name && field.type !== "submit" && !PAGE_NAMES.includes(field.name);
    });
    const state = () => JSON.stringify(fields.map(({ checked, value }) => [checked, value]));
    const before = state();
    for (const field of fields) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.getAll(field.name).includes(field.value);
      else if (values.has(field.name)) field.value = values.get(field.name);
    }
    const notice = document.getElementById("draft-held");
    if (notice && state() !== before) offerToDiscard(notice);
    for (const field of fields) {
      field.dispatchEvent(new CustomEvent("restored", { detail: values.get(field.name) }));
    }
    form.dispatchEvent(new CustomEvent("restored"));
    // What the draft on the server leaves out stands in the form all the same.
    const leftOut = document.querySelector(".pik-draft [data-left-out]");
    if (leftOut?.dataset.leftOut.split(" ").some((name) => values.get(name))) {
      leftOut.hidden = true;
      document.querySelector(".pik-draft [data-only-here]").hidden = false;
    }
  }

  return async () => {
    clearTimeout(timer);
    await sending;
    return async () => {
      // Whatever was typed since goes along with the form itself: a draft of it would come after the saving.
      stop();
      await sending;
      sessionStorage.removeItem(key);
    };
  };
}

async function session() {
  const answer = await fetch(dialog.dataset.session, { credentials: "same-origin", cache: "no-store" });
  return answer.json();
}

function renew(token) {
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
}

async function post(address, token, values) {
  const body = new URLSearchParams({ ...values, csrfmiddlewaretoken: token });
  const headers = { "X-Requested-With": "XMLHttpRequest" };
  return fetch(address, { method: "POST", body, headers, credentials: "same-origin" });
}

// Asks for the password until the same person is logged in again; false when they go back to the page. While somebody
// else is logged in there is nothing to ask: they have to sign out first.
function logInAgain(who) {
  const other = Boolean(who) && who.split("-")[0] !== dialog.dataset.who.split("-")[0];
  const form = dialog.querySelector("form");
  const error = dialog.querySelector("[role=alert]");
  const before = document.activeElement;
  error.textContent = other ? dialog.dataset.other : "";
  form.elements.password.value = "";
  for (const part of dialog.querySelectorAll("[data-ask]")) part.hidden = other;
  dialog.querySelector("[data-other]").hidden = !other;
  dialog.showModal();
  (other ? dialog.querySelector("[data-close]") : form.elements.password).focus();
  return new Promise((resolve) => {
    const end = (done) => {
      form.onsubmit = null;
      dialog.onclose = null;
      dialog.close();
      form.elements.password.value = "";
      before?.focus();
      resolve(done);
    };
    dialog.onclose = () => end(false);
    dialog.querySelector("[data-close]").onclick = () => end(false);
    form.onsubmit = async (event) => {
      event.preventDefault();
      const refused = await signIn(form.elements);
      if (!refused) end(true);
      else {
        error.textContent = refused;
        form.elements.password.focus();
        form.elements.password.select();
      }
    };
  });
}

// Signs the same person in for the same membership; says what to do when that did not work.
async function signIn({ login, password }) {
  try {
    const first = await session();
    const answer = await post(dialog.dataset.login, first.token, { login: login.value, password: password.value });
    let now = await session();
    const [user, membership] = dialog.dataset.who.split("-");
    if (now.who.split("-")[0] === user && now.who !== dialog.dataset.who) {
      await post(dialog.dataset.switch, now.token, { membership });
      now = await session();
    }
    renew(now.token);
    if (now.who === dialog.dataset.who) return "";
    return now.who && answer.ok ? dialog.dataset.other : dialog.dataset.wrong;
  } catch {
    return dialog.dataset.offline;
  }
}

// False when the page is to stay as it is: there is no network, or nobody signed in again.
async function mayBeSent(form) {
  try {
    const now = await session();
    renew(now.token);
    return now.who === dialog.dataset.who || await logInAgain(now.who);
  } catch {
    // Where nothing was typed, the browser says it itself.
    if (!form.dataset.keep) return true;
    say(form, dialog.dataset.offline);
    return false;
  }
}

for (const form of dialog ? document.querySelectorAll("form[data-keep], form[data-ask-login]") : []) {
  const settle = form.dataset.keep ? keepWhileTyping(form) : async () => () => {};
  let busy = false;
  let checked = false;
  form.addEventListener("submit", async (event) => {
    if (checked) return;
    event.preventDefault();
    // Once it is on its way another click sends nothing; pik.js says until when.
    if (busy || "sent" in form.dataset) return;
    busy = true;
    const forget = await settle();
    if (await mayBeSent(form)) {
      await forget();
      // For this one time: the next click is checked again.
      checked = true;
      form.requestSubmit(event.submitter);
      checked = false;
    }
    busy = false;
  });
}
