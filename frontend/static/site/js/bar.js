// @ts-check
import { announce, choose } from "./choices.js";

/** @param {HTMLFormElement} form @param {boolean} busy */
function setBusy(form, busy) {
  for (const button of form.querySelectorAll("button")) button.disabled = busy;
}

/** @param {HTMLFormElement} form @param {string} text */
function tellProblem(form, text) {
  const problem = form.querySelector(".pc-bar-problem");
  if (problem) problem.textContent = text;
}

/** @param {HTMLFormElement} form @param {boolean} hadFocus */
function close(form, hadFocus) {
  // A browser that keeps no cookies would otherwise show the bar that was just answered.
  document.documentElement.setAttribute("data-choice", "made");
  announce(form.dataset.saved ?? "");
  if (hadFocus) document.getElementById("main")?.focus({ preventScroll: true });
}

/** @param {HTMLFormElement} form @param {SubmitEvent} event */
async function answer(form, event) {
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  event.preventDefault();
  const hadFocus = form.contains(document.activeElement);
  tellProblem(form, "");
  setBusy(form, true);
  const saved = await choose(form, () => button?.value === "accept", "bar");
  setBusy(form, false);
  if (saved) close(form, hadFocus);
  else retry(form, button, hadFocus);
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement | null} button @param {boolean} hadFocus */
function retry(form, button, hadFocus) {
  tellProblem(form, form.dataset.problem ?? "");
  if (hadFocus) button?.focus();
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-bar]"))) {
  form.addEventListener("submit", (event) => answer(form, event));
}
