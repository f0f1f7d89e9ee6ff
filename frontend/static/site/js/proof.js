// @ts-check
// Proof of work: what a program would have to pay for each form, the browser pays while somebody types.
// WebCrypto computes on threads of its own, so the page stays free without a worker, which the page's policy
// (Trusted Types, no policy allowed) would refuse to start.

/** @typedef {{parameters: {nonce: string, salt: string, cost: number, keyLength: number, keyPrefix: string}}} Challenge */

const AT_ONCE = 4;

/** @param {string} hex */
function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** @param {Uint8Array} bytes */
function hexOf(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Uint8Array} nonce @param {number} counter */
function guess(nonce, counter) {
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  return password;
}

/** @param {Challenge["parameters"]} parameters @param {number} counter */
async function derive({ nonce, salt, cost, keyLength }, counter) {
  const key = await crypto.subtle.importKey("raw", guess(bytesOf(nonce), counter), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: cost };
  const derivedKey = hexOf(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8)));
  return { counter, derivedKey };
}

/**
 * @param {Challenge} challenge an ALTCHA challenge, version 2
 * @param {() => boolean} isWanted asked between the guesses
 * @returns {Promise<string>} the solved challenge as the API takes it; empty if nobody wants it any more
 */
export async function solve(challenge, isWanted) {
  const { parameters } = challenge;
  for (let first = 0; isWanted(); first += AT_ONCE) {
    const guesses = Array.from({ length: AT_ONCE }, (_, place) => derive(parameters, first + place));
    const solution = (await Promise.all(guesses)).find(({ derivedKey }) => derivedKey.startsWith(parameters.keyPrefix));
    if (solution) return btoa(JSON.stringify({ challenge, solution }));
  }
  return "";
}
