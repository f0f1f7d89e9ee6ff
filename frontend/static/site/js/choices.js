// @ts-check
// The visitor's choice: read from the cookie, written by the server, told to the other tabs.

/** @typedef {Record<string, boolean>} Choices */

const ENDPOINT = "/api/v1/consent/choice/";
const PATIENCE = 10_000;
const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("choice") : undefined;

tabs?.addEventListener("message", refresh);

function refresh() {
  document.dispatchEvent(new Event("choice"));
}

/**
 * @param {string} key a purpose such as "media"; the cookie names it by two letters
 * @returns {boolean}
 */
export function granted(key) {
  const grants = `(?:[a-z0-9]+-)*${key.slice(0, 2)}1[-.]`;
  return new RegExp(`(?:^|; )(?:__Host-)?consent=1\\.\\d+\\.\\d+\\.${grants}`).test(document.cookie);
}

/**
 * @param {HTMLFormElement} form carries the purposes and the revision of the register it was shown with
 * @param {(key: string) => boolean} wanted
 * @param {string} surface
 * @returns {Promise<boolean>} whether the server has recorded it
 */
export async function choose(form, wanted, surface) {
  const keys = (form.dataset.purposes ?? "").split(" ").filter(Boolean);
  const choices = Object.fromEntries(keys.map((key) => [key, wanted(key)]));
  const saved = await put({ revision: Number(form.dataset.revision), choices, surface });
  if (saved) {
    refresh();
    tabs?.postMessage("");
  }
  return saved;
}

/** @param {{revision: number, choices: Choices, surface: string}} body */
async function put(body) {
  try {
    const answer = await fetch(ENDPOINT, {
      method: "PUT",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** @param {string} text */
export function announce(text) {
  const status = document.getElementById("status");
  if (status) status.textContent = text;
}
