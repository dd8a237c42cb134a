// What happens on the page after it has loaded: send without leaving it, copy, keep what was typed.
// Everything here is comfort; without it the forms still work. The server's HTML is escaped there; whatever
// a person typed is set as text.

const $ = (selector, root = document) => root.querySelector(selector);
const log = $("#log");
const composer = $("#composer");
const box = $("#text");
const told = $("#told");
const DRAFT = "caucus.draft";
const UNSENT = "caucus.unsent";
const PATIENCE = 30_000;
let waiting = false;

document.documentElement.classList.add("js");

// ---- keeping: what was typed outlives a reload, what was not sent can be sent again

const store = {
  read(key, otherwise) {
    try { return JSON.parse(sessionStorage.getItem(key)) ?? otherwise; } catch { return otherwise; }
  },
  write(key, value) {
    try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode: nothing to keep in */ }
  },
};
const unsent = () => store.read(UNSENT, []);
const keepUnsent = (message) => store.write(UNSENT, [...unsent().filter((m) => m.id !== message.id), message]);
const dropUnsent = (id) => store.write(UNSENT, unsent().filter((m) => m.id !== id));

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

// ---- saying: one message, its turn on the page, its answer or what went wrong

function say(message) {
  keepUnsent(message);
  const turn = addTurn(message);
  reveal(turn);
  return send(message, turn);
}

function addTurn(message) {
  const turn = $("#pending").content.firstElementChild.cloneNode(true);
  const said = $(".said", turn);
  if (message.text.trim()) {
    $(".words", said).textContent = message.text;
    said.lang = /[\u4e00-\u9fff]/.test(message.text) ? "zh-Hans" : "en";
  } else said.remove();
  $("#welcome")?.remove();
  $("#newest")?.removeAttribute("id");
  for (const old of log.querySelectorAll(".fresh")) old.classList.remove("fresh");
  turn.id = "newest";
  log.append(turn);
  return turn;
}

async function send(message, turn) {
  busy(true);
  const outcome = await post(message);
  busy(false);
  if (!outcome.ok) return fail(message, turn, outcome);
  dropUnsent(message.id);
  log.dispatchEvent(new CustomEvent("answered"));
  const answer = $(".answer", turn);
  answer.innerHTML = outcome.html;
  if ($('[data-card="erase.done"]', answer)) forget(turn);
  if (mayTakeFocus()) $("[data-focus]", answer)?.focus({ preventScroll: true });
}

async function post({ id, text, choice, lang }) {
  const body = new URLSearchParams({ message_id: id, ...(choice ? { choice } : { text }), ...(lang ? { lang } : {}), zone: zone() });
  try {
    const response = await fetch("/chat", {
      method: "POST", body, headers: { "X-Caucus": "fragment" }, redirect: "error", signal: AbortSignal.timeout?.(PATIENCE),
    });
    const html = await response.text();
    const ours = response.headers.get("X-Caucus") === "fragment";
    return { ok: response.ok && ours, again: response.status >= 500, html: ours ? html : "" };
  } catch {
    return { ok: false, again: true, html: "" };
  }
}

// The browser knows where it is; the coach takes it until it is told otherwise.
function zone() {
  try { return Intl.DateTimeFormat().resolvedOptions().timeZone ?? ""; } catch { return ""; }
}

// ---- what comes unasked: hear.js hears it

function show({ delivery, html }) {
  if (log.querySelector(`[data-delivery="${CSS.escape(delivery)}"]`)) return;
  const turn = $("#unasked").content.firstElementChild.cloneNode(true);
  turn.dataset.delivery = delivery;
  $(".answer", turn).innerHTML = html;
  $("#welcome")?.remove();
  $("#newest")?.removeAttribute("id");
  turn.id = "newest";
  log.append(turn);
  if (mayTakeFocus()) reveal(turn);
}

function fail(message, turn, { again, html }) {
  const notice = $("#failed").content.firstElementChild.cloneNode(true);
  if (html) $(".why", notice).textContent = new DOMParser().parseFromString(html, "text/html").body.textContent.trim();
  const [retry, edit] = [$(".retry", notice), $(".edit", notice)];
  retry.hidden = !again;
  edit.hidden = Boolean(message.choice);
  retry.addEventListener("click", () => {
    if (waiting) return;
    $(".answer", turn).replaceChildren($("#pending").content.querySelector(".thinking").cloneNode(true));
    send(message, turn);
  });
  edit.addEventListener("click", () => {
    dropUnsent(message.id);
    box.value = box.value.trim() ? `${message.text}\n${box.value}` : message.text;
    turn.remove();
    typed();
    box.focus();
  });
  $(".answer", turn).replaceChildren(notice);
  if (mayTakeFocus()) (again ? retry : edit).focus({ preventScroll: true });
}

function busy(yes) {
  waiting = yes;
  log.setAttribute("aria-busy", yes);
  composer.classList.toggle("waiting", yes);
}

// A person who is already typing the next question keeps the cursor.
const mayTakeFocus = () => document.activeElement !== box || !box.value.trim();

function reveal(turn) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  turn.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function forget(turn) {
  for (const other of [...log.children]) if (other !== turn) other.remove();
  store.write(UNSENT, []);
}

// A vote is answered where it was pressed: nothing moves.
async function vote(form, button) {
  if (waiting) return;
  busy(true);
  const choice = button.value;
  const outcome = await post({ id: newId(), choice, lang: form.elements.lang?.value });
  busy(false);
  const line = document.createElement("p");
  line.className = "voted";
  line.tabIndex = -1;
  const html = outcome.html || $("#failed").content.querySelector(".why").textContent;
  line.textContent = new DOMParser().parseFromString(html, "text/html").body.textContent.trim().replace(/\s+/g, " ");
  $(".voted", form.parentElement)?.remove();
  form.after(line);
  tell(line.textContent, form.closest("[lang]").lang);
  if (!outcome.ok) return;
  form.remove();
  line.focus({ preventScroll: true });
}

function tell(text, lang) {
  told.lang = lang;
  told.textContent = "";
  setTimeout(() => { told.textContent = text; }, 50);
}

// ---- copying: the exact text, and a word that it worked

async function copy(button) {
  const source = $(".ready-text", button.closest(".ready"));
  const lang = button.closest("[lang]").lang;
  if (!(await toClipboard(source.textContent))) {
    getSelection().selectAllChildren(source);
    tell(button.dataset.byHand, lang);
    return;
  }
  const word = $(".copy-word", button);
  const before = button.dataset.word ??= word.textContent;
  word.textContent = button.dataset.done;
  button.classList.add("done");
  tell(button.dataset.done, lang);
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { word.textContent = before; button.classList.remove("done"); }, 2500);
}

async function copyLink(button) {
  const link = new URL(location.href);
  link.search = `?lang=${document.documentElement.lang.slice(0, 2)}`;
  link.hash = "";
  if (!(await toClipboard(link.href))) {
    const field = Object.assign(document.createElement("input"), { readOnly: true, value: link.href, className: "plain" });
    field.setAttribute("aria-label", button.textContent);
    button.replaceWith(field);
    field.select();
    return;
  }
  const before = button.dataset.word ??= button.textContent;
  button.textContent = button.dataset.done;
  tell(button.dataset.done, document.documentElement.lang);
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = before; }, 2500);
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// ---- the box: grows with the text, Enter sends, the draft is kept

function typed() {
  store.write(DRAFT, box.value);
  if (!CSS.supports("field-sizing", "content")) {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }
}

function submitted(event) {
  const form = event.target;
  if (!log || form.getAttribute("action") !== "/chat") return;
  event.preventDefault();
  const button = event.submitter;
  if (button?.value.startsWith("vote:")) return void vote(form, button);
  if (waiting) return;
  if (button?.name === "choice") return void say({ id: newId(), choice: button.value, text: button.textContent.trim(), lang: form.elements.lang?.value });
  if (button?.name === "text") return void say({ id: newId(), text: button.value });
  const retried = form.elements.choice?.value;
  const message = retried ? { id: form.elements.message_id.value, choice: retried, text: "" } : { id: form.elements.message_id.value, text: box.value };
  form.elements.message_id.value = newId();
  if (!retried) {
    box.value = "";
    typed();
  }
  say(message);
}

function startBox() {
  box.addEventListener("input", typed);
  box.addEventListener("keydown", (event) => {
    // While an input method composes Chinese, Enter picks a word (229: Safari ends the composition first).
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    composer.requestSubmit();
  });
  if (!box.value) box.value = store.read(DRAFT, "");
  typed();
}

function start() {
  document.addEventListener("submit", submitted);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button?.classList.contains("copy")) copy(button);
    if (button?.classList.contains("print")) print();
    if (button?.classList.contains("copy-link")) copyLink(button);
  });
  for (const button of document.querySelectorAll(".print, .copy-link")) button.hidden = false;
  if (!log) return;
  if (box) startBox();
  const known = new Set(Array.from(log.querySelectorAll("[data-message]"), (turn) => turn.dataset.message));
  for (const message of unsent()) {
    if (known.has(message.id)) dropUnsent(message.id);
    else fail(message, addTurn(message), { again: true, html: "" });
  }
  $("#newest")?.scrollIntoView({ block: "start" });
  log.addEventListener("came", (event) => show(event.detail));
  if (box && matchMedia("(hover: hover) and (pointer: fine)").matches) box.focus({ preventScroll: true });
}

start();
