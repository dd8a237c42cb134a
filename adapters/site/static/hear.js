// The stream of what comes unasked while the page is open; chat.js shows it. To a stream that ends the browser comes
// back by itself. One that was answered with anything else (the server restarts, too many are open, nobody is signed
// in any more) it gives up for good, and an EventSource does not tell which: so we ask, and come back.

const log = document.querySelector("#log");
const SOON = 2_000;
const LATEST = 60_000;
const PATIENCE = 30_000;
let stream;
let later;
let asking = false;
let wait = SOON;

const givenUp = () => !stream || stream.readyState === EventSource.CLOSED;

function hear() {
  clearTimeout(later);
  if (!givenUp()) return;
  const mine = stream = new EventSource(`/events?after=${encodeURIComponent(log.dataset.after ?? "")}`);
  mine.addEventListener("open", () => {
    wait = SOON;
    tellSignedOut(false);
  });
  mine.addEventListener("error", () => { if (mine === stream && givenUp()) againLater(); });
  mine.addEventListener("card", (event) => {
    log.dataset.after = event.lastEventId;
    log.dispatchEvent(new CustomEvent("came", { detail: JSON.parse(event.data) }));
  });
}

// Ever later, and not all pages at the same moment.
function againLater() {
  clearTimeout(later);
  later = setTimeout(again, wait * (0.75 + Math.random() / 2));
  wait = Math.min(2 * wait, LATEST);
}

async function again() {
  clearTimeout(later);
  if (asking || !givenUp()) return;
  asking = true;
  const status = await ask();
  asking = false;
  tellSignedOut(status === 401);
  if (status === 200) hear();
  else if (status !== 204 && status !== 401) againLater(); // 204: there is nothing to hear yet
}

// Only the status is wanted: the stream behind it is let go at once.
async function ask() {
  const asked = new AbortController();
  const patience = setTimeout(() => asked.abort(), PATIENCE);
  try {
    const headers = { "X-Caucus": "fragment" };
    return (await fetch("/events", { headers, redirect: "error", signal: asked.signal })).status;
  } catch {
    return 0;
  } finally {
    clearTimeout(patience);
    asked.abort();
  }
}

function tellSignedOut(yes) {
  const told = document.querySelector("#signed-out-told");
  if (!yes) told?.remove();
  else if (!told) document.querySelector("#composer").prepend(document.querySelector("#signed-out").content.cloneNode(true));
}

if (log && "EventSource" in window) {
  const now = () => { if (givenUp()) again(); };
  addEventListener("online", now);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) now(); });
  log.addEventListener("answered", hear); // the first message makes the session that is listened for
  hear();
}
