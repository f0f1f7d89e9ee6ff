// @ts-check

/** @param {Element | null} button @param {() => unknown} act */
function offer(button, act) {
  const entry = button?.closest("li");
  if (!entry) return;
  button?.addEventListener("click", act);
  entry.hidden = false;
}

/** @param {HTMLElement} section @param {string} [text] */
function tell(section, text = "") {
  const answer = section.querySelector("[role=status]");
  if (answer) answer.textContent = text;
}

/** @param {HTMLElement} section @param {ShareData} post */
async function share(section, post) {
  tell(section);
  try {
    await navigator.share(post);
  } catch (error) {
    // Closing the sheet without sharing is no failure.
    if (!(error instanceof DOMException && error.name === "AbortError")) tell(section, section.dataset.unshared);
  }
}

/** @param {HTMLElement} section @param {string} url */
async function copy(section, url) {
  tell(section);
  try {
    await navigator.clipboard.writeText(url);
    tell(section, section.dataset.copied);
  } catch {
    select(section.querySelector("input"));
    tell(section, section.dataset.uncopied);
  }
}

/** @param {HTMLInputElement | null} field */
function select(field) {
  field?.parentElement?.removeAttribute("hidden");
  field?.focus();
  field?.select();
}

for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-share]"))) {
  const { title, url = "" } = section.dataset;
  const post = { title, url };
  if (navigator.canShare?.(post)) offer(section.querySelector("[data-share-native]"), () => share(section, post));
  offer(section.querySelector("[data-share-copy]"), () => copy(section, url));
  offer(section.querySelector("[data-share-print]"), () => print());
}
