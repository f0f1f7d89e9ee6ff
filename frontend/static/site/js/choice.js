// @ts-check
// Runs before the first paint, so that the bar is there from the start or not at all.
(() => {
  const LIFETIME = 182 * 24 * 60 * 60;
  const NAME = location.protocol === "https:" ? "__Host-consent" : "consent";
  const root = document.documentElement;

  /** @returns {string | undefined} the grants part, such as "an0-me1-pr0", of a choice that still counts */
  function grants() {
    const pair = document.cookie.split("; ").find((entry) => entry.startsWith(`${NAME}=`));
    const [version, , decided, purposes] = (pair ?? "").slice(NAME.length + 1).split(".");
    const age = Date.now() / 1000 - Number(decided);
    return version === "1" && age < LIFETIME ? purposes : undefined;
  }

  /** @param {string} name @param {string} value */
  function mark(name, value) {
    if (value) root.setAttribute(name, value);
    else root.removeAttribute(name);
  }

  function apply() {
    const found = grants();
    const unasked = /** @type {any} */ (navigator).globalPrivacyControl ? "gpc" : "";
    mark("data-choice", found === undefined ? unasked : "made");
    mark("data-media", found?.split("-").includes("me1") ? "yes" : "");
  }

  apply();
  addEventListener("pageshow", apply);
  document.addEventListener("prerenderingchange", apply);
  document.addEventListener("choice", apply);
})();
