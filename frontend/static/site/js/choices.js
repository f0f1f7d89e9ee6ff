// @ts-check
// The visitor's choice: asked for in the bar, written by the server, read from the cookie, told to the other tabs.

/**
 * How a choice was answered. Each is also the name of the form's data attribute that holds the words for it.
 * @typedef {"saved" | "changed" | "problem"} Outcome
 */

const ENDPOINT = "/api/v1/consent/choice/";
const PATIENCE = 10_000;
/** @type {BroadcastChannel | undefined} */
let tabs;

/** Look at the cookie again: another tab, a page of ours that was left, or a server may have changed it. */
export function refresh() {
  document.dispatchEvent(new Event("choice"));
}

function listen() {
  tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("choice") : undefined;
  tabs?.addEventListener("message", refresh);
}

/** A page that is left but kept for going back would be thrown away at the first message it gets. */
function hush() {
  tabs?.close();
  tabs = undefined;
}

/** @param {PageTransitionEvent} event */
function comeBack({ persisted }) {
  if (!persisted) return;
  listen();
  refresh();
}

listen();
/** @type {any} */ (globalThis).cookieStore?.addEventListener("change", refresh);
document.addEventListener("visibilitychange", refresh);
document.addEventListener("prerenderingchange", refresh);
addEventListener("pagehide", hush);
addEventListener("pageshow", comeBack);

/**
 * @param {string} key a purpose such as "media"
 * @returns {boolean} whether it was allowed, and still means what it meant then
 */
export function granted(key) {
  return document.documentElement.getAttribute(`data-${key}`) === "yes";
}

/**
 * @param {HTMLFormElement} form carries the purposes and the revision of the register it was shown with
 * @param {(key: string) => boolean} wanted
 * @param {string} surface
 * @returns {Promise<Outcome>}
 */
export async function choose(form, wanted, surface) {
  const keys = (form.dataset.purposes ?? "").split(" ").filter(Boolean);
  const choices = Object.fromEntries(keys.map((key) => [key, wanted(key)]));
  const { outcome } = await send("PUT", ENDPOINT, { revision: Number(form.dataset.revision), choices, surface });
  if (outcome === "saved") {
    refresh();
    tabs?.postMessage("");
  }
  return outcome;
}

/**
 * @param {string} method @param {string} url @param {object} body
 * @returns {Promise<{outcome: Outcome, data?: any}>}
 */
export async function send(method, url, body) {
  try {
    const answer = await fetch(url, {
      method,
      // A press counts, even if the next click leaves the page at once.
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.ok) return { outcome: "saved", data: await answer.json() };
    return { outcome: answer.status === 409 ? "changed" : "problem" };
  } catch {
    return { outcome: "problem" };
  }
}

/** @param {HTMLFormElement} form @param {string | undefined} text */
export function tell(form, text) {
  const alert = form.querySelector("[role=alert]");
  if (alert) alert.textContent = text ?? "";
}

/** @param {string | undefined} text */
export function announce(text) {
  const status = document.getElementById("status");
  if (status) status.textContent = text ?? "";
}

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
