// @ts-check

// What a fresh page replaces; all else, and so all that was typed, stays.
const PLACES = ["[data-when]", "[data-send]", ".book-what summary", "h1 + .standfirst"];

/**
 * A page of this site, which the browser itself parses: no script here may make markup of text.
 * @param {string} url @returns {Promise<Document>}
 */
function load(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.timeout = 10_000;
    request.onload = () => (request.response && request.status < 500 ? resolve(request.response) : reject());
    request.onerror = request.ontimeout = () => reject();
    request.send();
  });
}

/** @param {ParentNode} old @param {ParentNode} fresh */
function keepDays(old, fresh) {
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (old.querySelectorAll("[id^=date_], [id^=part_]"))) {
    const same = /** @type {HTMLInputElement | null} */ (fresh.querySelector(`#${field.id}`));
    if (same) same.value = field.value;
  }
}

/** @param {Document} page */
function put(page) {
  keepDays(document, page);
  for (const place of PLACES) {
    const fresh = page.querySelector(place);
    if (fresh) document.querySelector(place)?.replaceWith(fresh);
  }
}

/** @param {HTMLFormElement} form */
function leaf(form) {
  const news = /** @type {HTMLElement} */ (form.querySelector("[data-news]"));
  const when = () => /** @type {HTMLElement} */ (form.querySelector("[data-when]"));
  let turns = 0;

  /** @param {string} [text] @param {boolean} [isSeen] */
  function tell(text = "", isSeen = true) {
    news.textContent = text.trim();
    news.classList.toggle("visually-hidden", !isSeen);
  }

  /** @param {Document} page */
  function show(page) {
    put(page);
    const problem = page.querySelector(".field-error")?.textContent;
    tell(problem ?? when().querySelector("legend")?.textContent ?? "", Boolean(problem));
  }

  /** @param {Record<string, string>} [turn] */
  async function look(turn) {
    const mine = ++turns;
    const data = new FormData(form);
    const about = { service: String(data.get("service")), practitioner: String(data.get("practitioner")) };
    tell(form.dataset.loading);
    when().setAttribute("aria-busy", "true");
    try {
      const page = await load(`${form.getAttribute("action")}?${new URLSearchParams({ ...about, ...turn })}`);
      if (mine === turns) show(page);
    } catch {
      if (mine === turns) tell(form.dataset.offline);
    }
    when().removeAttribute("aria-busy");
  }

  form.addEventListener("change", ({ target }) => {
    if (target instanceof Element && target.matches("[name=service], [name=practitioner]")) look();
  });

  form.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-turn]");
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    await look({ [button.name]: button.value });
    if (!button.isConnected) when().querySelector("fieldset")?.focus();
  });

  // A browser that comes back to this page fills in what was chosen, after it was shown.
  addEventListener("pageshow", () => {
    const services = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[name=service]"));
    if ([...services].some((service) => service.checked !== service.defaultChecked)) look();
  });

  for (const button of form.querySelectorAll(".book-what-fields [name=show]")) button.closest("p")?.remove();
}

const form = document.querySelector("form[data-booking]");
if (form instanceof HTMLFormElement) leaf(form);
