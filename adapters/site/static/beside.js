// What stands beside the chat: follow-ups, desktop notifications, what came while nobody looked.
// Comfort only: without it the forms and links still work.

const $ = (selector, root = document) => root.querySelector(selector);
const log = $("#log");
const beside = $("#beside");
const SEEN = "caucus.seen";
const WANTED = "caucus.notify";
const MOST_SEEN = 300;

const store = {
  read(key, otherwise) {
    try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; }
  },
  write(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode: nothing to keep in */ }
  },
};

// ---- follow-ups: open where there is room, fresh after every answer and every card that comes

const roomy = matchMedia("(min-width: 78rem)");
const fit = () => { beside.open = roomy.matches; };

async function refresh() {
  try {
    const response = await fetch("/matters", { headers: { "X-Caucus": "fragment" }, redirect: "error" });
    if (!response.ok || response.headers.get("X-Caucus") !== "fragment") return;
    const box = $("#matters");
    if (box.contains(document.activeElement)) return; // nobody loses the button under the finger
    box.innerHTML = await response.text();
  } catch { /* the next answer tries again */ }
}

// ---- what came while nobody looked is marked once; a desktop notification says only that something came

function newOnes() {
  const seen = store.read(SEEN, null);
  const here = [...log.querySelectorAll("[data-delivery]")];
  if (seen) for (const turn of here.filter((each) => !seen.includes(each.dataset.delivery))) {
    turn.prepend($("#missed").content.firstElementChild.cloneNode(true));
  }
  note(here);
}

function note(turns) {
  const all = [...store.read(SEEN, []), ...turns.map((each) => each.dataset.delivery)];
  store.write(SEEN, [...new Set(all)].slice(-MOST_SEEN));
}

function tellDesktop(turn) {
  if (!document.hidden || !store.read(WANTED, false) || Notification.permission !== "granted") return;
  const title = $(".title", turn)?.textContent ?? document.title;
  const shown = new Notification("Caucus", { body: title, tag: turn.dataset.delivery, icon: $("link[rel=icon]").href });
  shown.onclick = () => { window.focus(); turn.scrollIntoView(); shown.close(); };
}

function offerNotifications() {
  const button = $("#notify");
  if (!("Notification" in window) || !matchMedia("(pointer: fine)").matches) return; // phones show none from a page
  button.hidden = Notification.permission === "granted" && store.read(WANTED, false);
  button.addEventListener("click", async () => {
    const granted = (await Notification.requestPermission()) === "granted";
    store.write(WANTED, granted);
    const said = document.createElement("span");
    said.textContent = granted ? button.dataset.on : button.dataset.off;
    said.setAttribute("role", "status");
    button.replaceWith(said);
  });
}

function start() {
  fit();
  roomy.addEventListener("change", fit);
  $(".to-beside")?.addEventListener("click", () => { beside.open = true; $("summary", beside).focus({ preventScroll: true }); });
  newOnes();
  offerNotifications();
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.nodeType === 1);
    const came = added.filter((node) => node.matches("[data-delivery]"));
    came.forEach(tellDesktop);
    note(came);
    if (came.length || added.some((node) => node.matches(".card"))) refresh();
  }).observe(log, { childList: true, subtree: true });
}

if (log && beside) start();
