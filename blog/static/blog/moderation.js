/**
 * The queue of comments by keyboard, and decided about in place.
 *
 * Every button is a form that works without this file. With it, the form is sent in the background and the list that
 * the server answers with takes the place of the old one; whatever goes wrong, the form is sent the plain way.
 */

const SHORTCUT = { j: 1, k: -1 };
const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable=true]";

let isSending = false;

const queue = () => document.getElementById("queue");
const entries = () => [...queue().querySelectorAll(".entry")];

/** @returns {Element | undefined} */
const entryInFocus = () => document.activeElement?.closest(".entry") ?? undefined;

/** @param {HTMLElement | null | undefined} element */
function focusOn(element) {
  element?.focus({ preventScroll: true });
  element?.scrollIntoView({ block: "start" });
}

/** @param {number} step */
function move(step) {
  const all = entries();
  const here = all.indexOf(entryInFocus());
  const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1);
  focusOn(all[next]);
}

/** @param {string} key */
function press(key) {
  if (!isSending) entryInFocus()?.querySelector(`[data-key="${key}"]`)?.click();
}

/** Whether the user has not switched keys off in their account (WCAG 2.1.4). */
function usesKeys() {
  const config = document.getElementById("wagtail-config")?.textContent;
  return JSON.parse(config ?? "{}").KEYBOARD_SHORTCUTS_ENABLED !== false;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {Element} */ (event.target);
  const isElsewhere = target.closest(`${FIELDS}, dialog, [role=dialog]`);
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat || isElsewhere) return;
  if (event.key in SHORTCUT) move(SHORTCUT[event.key]);
  else if ("ars".includes(event.key)) press(event.key);
  else return;
  event.preventDefault();
}

/** What is half done in the list: ticks, and answers that are being written. */
function unfinished() {
  const ticked = [...queue().querySelectorAll(".entry__tick:checked")].map((box) => box.closest(".entry").id);
  const drafts = [...queue().querySelectorAll(".entry textarea")].filter((area) => area.value !== area.defaultValue);
  return { ticked, drafts: drafts.map((area) => [area.id, area.value]) };
}

/** @param {ReturnType<typeof unfinished>} kept */
function restore({ ticked, drafts }) {
  for (const id of ticked) {
    const box = document.getElementById(id)?.querySelector(".entry__tick");
    if (box) box.checked = true;
  }
  for (const [id, text] of drafts) {
    const area = document.getElementById(id);
    if (!area) continue;
    area.value = text;
    area.closest("details").open = true;
  }
}

/** How many wait, in the menu at the side. */
function recount() {
  const label = document.querySelector('#wagtail-sidebar a[href$="/comments/"] .menuitem-label');
  const waiting = Number(queue().dataset.waiting);
  if (label) label.textContent = waiting ? `Comments (${waiting})` : "Comments";
}

/**
 * @param {Document} fresh the page that the server answered with
 * @param {Element} decided the entry that was decided about, in the old list
 */
function replace(fresh, decided) {
  const place = entries().indexOf(decided);
  const kept = unfinished();
  kept.drafts = kept.drafts.filter(([id]) => !decided.querySelector(`#${id}`));
  queue().replaceWith(document.adoptNode(fresh.getElementById("queue")));
  document.querySelector(".messages ul").replaceChildren(...fresh.querySelectorAll(".messages ul > li"));
  restore(kept);
  prepare();
  recount();
  focusOn(nextAfter(decided.id, place));
}

/** The one to read next: the one that must be read again, or the one after, wherever the decided one has gone. */
function nextAfter(id, place) {
  const all = entries();
  const stays = all.findIndex((entry) => entry.id === id);
  const next = all[Math.min(stays < 0 ? place : stays + 1, all.length - 1)];
  return queue().querySelector("[data-again]") ?? next ?? queue().querySelector(".queue__empty");
}

/** @param {SubmitEvent} event */
async function onSubmit(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const decided = form.closest(".entry");
  if (!form.matches("[data-decide]") || !decided) return;
  event.preventDefault();
  if (isSending) return;
  isSending = true;
  const action = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : form.action;
  const fresh = await send(action, new FormData(form, event.submitter));
  isSending = false;
  if (fresh) replace(fresh, decided);
  else plainly(form, action);
}

/** @returns {Promise<Document | null>} the list, or null if the answer is anything else */
async function send(action, body) {
  try {
    const response = await fetch(action, { method: "POST", body });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    return fresh.getElementById("queue") && fresh;
  } catch {
    return null;
  }
}

function plainly(form, action) {
  form.action = action;
  form.submit();
}

/** What only works with this file is shown by it. */
function prepare() {
  const all = queue().querySelector("[data-tick-all]");
  all?.removeAttribute("hidden");
  all?.addEventListener("change", (event) => {
    for (const box of queue().querySelectorAll(".entry__tick")) box.checked = event.target.checked;
  });
  if (usesKeys()) queue().querySelector(".queue__keys")?.removeAttribute("hidden");
}

/** Wagtail's own list of keys, which “?” opens, begins with ours. */
function explainKeys() {
  const rows = document.getElementById("queue-keys")?.cloneNode(true);
  if (!rows) return;
  rows.removeAttribute("id");
  for (const row of rows.children) row.className = "w-keyboard_shortcuts__key";
  const heading = '<tr class="w-keyboard-shortcuts__category"><th class="w-h4" scope="rowgroup">Comments</th></tr>';
  rows.insertAdjacentHTML("afterbegin", heading);
  document.querySelector("#keyboard-shortcuts-dialog table")?.prepend(rows);
}

prepare();
addEventListener("submit", onSubmit);
if (usesKeys()) {
  addEventListener("keydown", onKey);
  // Wagtail builds the list when the page is ready.
  addEventListener("load", explainKeys);
}
if (location.hash.startsWith("#comment-")) focusOn(document.getElementById(location.hash.slice(1)));
