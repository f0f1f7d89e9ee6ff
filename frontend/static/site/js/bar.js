// @ts-check
import { announce, choose, tell } from "./choices.js";

/** @param {HTMLFormElement} form @param {boolean} busy */
function setBusy(form, busy) {
  for (const button of form.querySelectorAll("button")) button.disabled = busy;
}

/** @param {HTMLFormElement} form @param {boolean} hadFocus */
function close(form, hadFocus) {
  // A browser that keeps no cookies would otherwise show the bar that was just answered.
  document.documentElement.setAttribute("data-choice", "made");
  announce(form.dataset.saved);
  if (hadFocus) document.getElementById("main")?.focus({ preventScroll: true });
}

/** @param {HTMLFormElement} form @param {SubmitEvent} event */
async function answer(form, event) {
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  event.preventDefault();
  const hadFocus = form.contains(document.activeElement);
  tell(form, "");
  setBusy(form, true);
  const outcome = await choose(form, () => button?.value === "accept", "bar");
  setBusy(form, false);
  if (outcome === "saved") return close(form, hadFocus);
  tell(form, form.dataset[outcome]);
  if (hadFocus) button?.focus();
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-bar]"))) {
  form.addEventListener("submit", (event) => answer(form, event));
  // Back on a page that was left while the server was still being asked.
  addEventListener("pageshow", (event) => event.persisted && setBusy(form, false));
}
