// @ts-check
// Runs before the first paint, so that the bar is there from the start or not at all.
(() => {
  const LIFETIME = 182 * 24 * 60 * 60;
  const NAME = location.protocol === "https:" ? "__Host-consent" : "consent";
  const VALUE = /^1\.(\d{1,9})\.(\d{1,11})\.((?:[a-z]{2}[01](?:-[a-z]{2}[01])*)?)\.[\w-]{22}\.[\w-]{16}$/;
  const PURPOSES = { pr: "preferences", an: "analytics", me: "media", ma: "marketing" };
  const root = document.documentElement;

  /** @typedef {{revision: number, flags: Record<string, boolean>}} Choice */

  // Each optional purpose by its two letters, with the revision since which it means what it means now.
  const asked = (root.dataset.asks ?? "").match(/[a-z]{2}\d+/g) ?? [];
  const asks = asked.map((ask) => ({ key: ask.slice(0, 2), since: Number(ask.slice(2)) }));

  /** @returns {Choice | undefined} what looks like a choice that still counts; only the server can tell for certain */
  function read() {
    const pair = document.cookie.split("; ").find((entry) => entry.startsWith(`${NAME}=`));
    const [, revision, decided, flags] = VALUE.exec(pair?.slice(NAME.length + 1) ?? "") ?? [];
    if (!revision || Date.now() / 1000 - Number(decided) >= LIFETIME) return undefined;
    const pairs = (flags.match(/\w+/g) ?? []).map((flag) => [flag.slice(0, 2), flag[2] === "1"]);
    return { revision: Number(revision), flags: Object.fromEntries(pairs) };
  }

  /** @param {Choice} choice whoever refused everything is left alone until the choice runs out */
  function isStale({ revision, flags }) {
    const isOutdated = asks.some(({ key, since }) => !(key in flags) || (flags[key] && since > revision));
    return isOutdated && Object.values(flags).includes(true);
  }

  /** @param {Choice | undefined} choice @param {string} wanted */
  function holds(choice, wanted) {
    return asks.some(({ key, since }) => key === wanted && choice?.flags[key] && since <= choice.revision);
  }

  /** @param {string} name @param {string} value */
  function mark(name, value) {
    if (value) root.setAttribute(name, value);
    else root.removeAttribute(name);
  }

  function apply() {
    const choice = read();
    const refuses = /** @type {any} */ (navigator).globalPrivacyControl && root.dataset.gpc === "settles";
    const unasked = refuses ? "gpc" : "";
    const made = choice && !isStale(choice) ? "made" : "";
    mark("data-choice", choice ? made : unasked);
    for (const [key, name] of Object.entries(PURPOSES)) mark(`data-${name}`, holds(choice, key) ? "yes" : "");
  }

  apply();
  document.addEventListener("choice", apply);
})();
