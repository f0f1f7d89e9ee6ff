// @ts-check

/** @param {HTMLFormElement} form */
function ticketOf(form) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem("ticket"));
}

/** @param {HTMLFormElement} form */
async function fetchTicket(form) {
  if (ticketOf(form).value) return;
  const answer = await fetch(form.dataset.ticketUrl ?? "", { cache: "no-store" });
  if (answer.ok) fill(form, await answer.json());
}

/** @param {HTMLFormElement} form @param {{ticket: string, honeypot: string}} given */
function fill(form, given) {
  const decoy = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-honeypot]"));
  ticketOf(form).value = given.ticket;
  if (decoy) decoy.name = given.honeypot;
}

/** @param {HTMLFormElement} form */
function sendOnce(form) {
  let sent = false;
  /** @param {boolean} state */
  const setSent = (state) => {
    sent = state;
    for (const button of form.querySelectorAll("button")) button.disabled = state;
  };
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    // A button that is disabled at once would not be among what the form sends.
    setTimeout(() => setSent(true));
  });
  addEventListener("pageshow", () => setSent(false));
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-ticket-url]"))) {
  // Without a ticket the server answers with a page to check and send again, so a failure needs no word.
  form.addEventListener("focusin", () => fetchTicket(form).catch(() => undefined), { once: true });
  sendOnce(form);
}
