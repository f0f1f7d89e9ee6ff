// @ts-check
import { announce, choose, granted } from "./choices.js";

/** @param {HTMLElement} card */
function frameFor(card) {
  const frame = document.createElement("iframe");
  frame.src = card.dataset.embed ?? "";
  frame.title = card.dataset.title ?? "";
  frame.allow = "fullscreen; picture-in-picture";
  frame.loading = "lazy";
  return frame;
}

/** @param {HTMLElement} card */
function show(card) {
  const frame = frameFor(card);
  card.querySelector(".embed-stage")?.replaceChildren(frame);
  card.classList.add("embed-open");
  frame.focus();
}

/** @param {HTMLFormElement} form */
async function allow(form) {
  if (granted("media")) return true;
  const saved = await choose(form, (key) => key === "media" || granted(key), "card");
  if (saved) announce(form.dataset.saved ?? "");
  return saved;
}

/** @param {HTMLFormElement} form @param {string} text */
function tellProblem(form, text) {
  const problem = form.querySelector(".embed-problem");
  if (problem) problem.textContent = text;
}

/** @param {HTMLElement} card @param {HTMLFormElement} form @param {SubmitEvent} event */
async function press(card, form, event) {
  const button = /** @type {HTMLButtonElement} */ (event.submitter);
  event.preventDefault();
  tellProblem(form, "");
  button.disabled = true;
  const allowed = await allow(form);
  button.disabled = false;
  if (allowed) return show(card);
  tellProblem(form, form.dataset.problem ?? "");
  button.focus();
}

for (const card of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-embed]"))) {
  const form = /** @type {HTMLFormElement} */ (card.querySelector("form"));
  form.addEventListener("submit", (event) => press(card, form, event));
}
