// A page whose numbers grow: its main part is fetched again until it no longer asks for that (`data-again`, seconds).
// A comfort: without scripts the page itself comes again.

const main = document.querySelector("main");
const told = document.querySelector("#told");
const status = () => main.querySelector("[role=status] p")?.textContent.trim() ?? "";

async function again() {
  const seconds = Number(main.querySelector("[data-again]")?.dataset.again);
  if (!seconds) return;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  try {
    const response = await fetch(location.href, { redirect: "error" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (response.ok) show(page.querySelector("main"));
  } catch { /* the next time */ }
  again();
}

// Whoever has a button under the finger keeps it; a screen reader hears what is new.
function show(fresh) {
  const { name, value } = document.activeElement;
  const before = status();
  main.replaceChildren(...fresh.childNodes);
  if (name) [...main.querySelectorAll("button")].find((button) => button.name === name && button.value === value)?.focus();
  if (status() !== before) told.textContent = status();
}

again();
