// @ts-check
// Counts a visit, after a yes to that: the provider's script runs in a frame that can read nothing of this page.
import { granted } from "./choices.js";

// Where people write about themselves, nobody counts.
const UNCOUNTED = /^\/(?:book|comments|your-data|privacy-choices|search|preview)\/|\/comment\//;
const services = (document.documentElement.dataset.visits ?? "").split(" ");
/** @type {HTMLIFrameElement[]} */
let frames = [];
let isCounted = false;

/** @param {string} service */
function frameFor(service) {
  const frame = document.createElement("iframe");
  frame.src = `/embed/${service}/visit/?path=${encodeURIComponent(location.pathname)}`;
  frame.title = document.documentElement.dataset.visitTitle ?? "";
  frame.className = "visit";
  frame.tabIndex = -1;
  frame.referrerPolicy = "no-referrer";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.setAttribute("aria-hidden", "true");
  return frame;
}

function stop() {
  for (const frame of frames) frame.remove();
  frames = [];
}

function follow() {
  if (!granted("analytics")) return stop();
  if (isCounted || /** @type {any} */ (document).prerendering) return;
  isCounted = true;
  frames = services.map(frameFor);
  document.body.append(...frames);
}

/** Going back is a view like any other, whether or not the browser had kept the page. */
function countAgain() {
  stop();
  isCounted = false;
  follow();
}

if (!UNCOUNTED.test(location.pathname)) {
  document.addEventListener("choice", follow);
  addEventListener("pageshow", (event) => event.persisted && countAgain());
  follow();
}
