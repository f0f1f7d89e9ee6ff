// @ts-check

/** @param {Element | null} button */
function reveal(button) {
  const entry = button?.closest("li");
  if (entry) entry.hidden = false;
}

/** @param {HTMLElement} section @param {string} text */
function tell(section, text) {
  const answer = section.querySelector("[role=status]");
  if (answer) answer.textContent = text;
}

/** @param {HTMLElement} section */
function offerNative(section) {
  const button = section.querySelector("[data-share-native]");
  const { title, url } = section.dataset;
  button?.addEventListener("click", () => navigator.share({ title, url }).catch(ignoreCancel));
  reveal(button);
}

/** @param {Error} error closing the sheet without sharing is no failure */
function ignoreCancel(error) {
  if (error.name !== "AbortError") throw error;
}

/** @param {HTMLElement} section @param {HTMLElement} button */
function offerCopy(section, button) {
  const url = button.dataset.shareCopy ?? "";
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(url).then(() => true, () => false);
    tell(section, copied ? (section.dataset.copied ?? "") : `${section.dataset.uncopied} ${url}`);
  });
  reveal(button);
}

for (const section of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-share]"))) {
  const copy = /** @type {HTMLElement | null} */ (section.querySelector("[data-share-copy]"));
  if ("share" in navigator) offerNative(section);
  if (copy && navigator.clipboard) offerCopy(section, copy);
}
