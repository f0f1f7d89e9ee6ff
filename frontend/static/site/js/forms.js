// @ts-check
// A form that strangers may send: while it is filled in, its ticket is fetched and the ticket's challenge solved.

/** @typedef {{ticket: string, honeypot?: string, min_seconds: number, challenge: any}} Given */

const PATIENCE = 6000;
/** @type {WeakMap<HTMLFormElement, Promise<void>>} */
const preparations = new WeakMap();

/** @param {HTMLFormElement} form @param {string} name @returns {HTMLInputElement} */
function field(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {number} milliseconds @returns {Promise<void>} */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** @param {HTMLFormElement} form @returns {Promise<Given>} */
async function fetchTicket(form) {
  const answer = await fetch(form.dataset.ticketUrl ?? "", { cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const given = await answer.json();
  field(form, "ticket").value = given.ticket;
  /** @type {HTMLInputElement} */ (form.querySelector("[data-honeypot]")).name = given.honeypot;
  return given;
}

/** @param {HTMLFormElement} form @returns {Given | undefined} what the server put into a form that came back */
function ownTicket(form) {
  const { value } = field(form, "ticket");
  const { challenge } = field(form, "proof").dataset;
  return value ? { ticket: value, min_seconds: 3, challenge: challenge && JSON.parse(challenge) } : undefined;
}

/** @param {HTMLFormElement} form @param {Given} given */
async function prove(form, { ticket, challenge }) {
  // Without WebCrypto, as on plain http, the form is taken without a proof.
  if (!challenge || !globalThis.crypto?.subtle) return;
  const { solve } = await import("./proof.js");
  const isWanted = () => field(form, "ticket").value === ticket;
  const proof = await solve(challenge, isWanted);
  if (isWanted()) field(form, "proof").value = proof;
}

/** @param {HTMLFormElement} form */
async function getReady(form) {
  const given = ownTicket(form) ?? (await fetchTicket(form));
  await Promise.all([pause(given.min_seconds * 1000 + 100), prove(form, given).catch(() => undefined)]);
}

/** @param {HTMLFormElement} form */
function prepare(form) {
  const preparation = preparations.get(form) ?? getReady(form).catch(() => void preparations.delete(form));
  preparations.set(form, preparation);
  return preparation;
}

/** Wait until the form can be sent, or for as long as somebody would. @param {HTMLFormElement} form */
export function settle(form) {
  return Promise.race([prepare(form), pause(PATIENCE)]);
}

/** A ticket is good for one sending: forget this one. @param {HTMLFormElement} form */
export function renew(form) {
  preparations.delete(form);
  field(form, "ticket").value = field(form, "proof").value = "";
  delete field(form, "proof").dataset.challenge;
}

/** @param {HTMLFormElement} form @param {boolean} state */
export function setBusy(form, state) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]:not([name], [tabindex])"));
  button.dataset.label ??= button.textContent ?? "";
  button.textContent = (state && form.dataset.busy) || button.dataset.label;
  form.toggleAttribute("data-sending", state);
}

/** @param {HTMLFormElement} form @param {SubmitEvent} event */
async function sendOnce(form, event) {
  if (form.hasAttribute("data-sending")) return event.preventDefault();
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (button?.name || form.hasAttribute("data-settled")) return setBusy(form, true);
  event.preventDefault();
  setBusy(form, true);
  // Without a ticket the server answers with a page to check and send again, so a failure needs no word.
  // A form can't be sent again from within its own event, which a promise that is kept already would still be.
  await Promise.all([settle(form), pause(0)]);
  setBusy(form, false);
  form.setAttribute("data-settled", "");
  form.requestSubmit(button);
}

/** Back on a page whose form was sent. @param {HTMLFormElement} form */
function startAgain(form) {
  setBusy(form, false);
  form.removeAttribute("data-settled");
  renew(form);
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-ticket-url]"))) {
  form.addEventListener("focusin", () => prepare(form));
  form.addEventListener("submit", (event) => sendOnce(form, event));
  addEventListener("pageshow", (event) => event.persisted && startAgain(form));
  if (ownTicket(form)) prepare(form);
}
