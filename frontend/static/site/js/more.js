// @ts-check
// The next page of comments, under those that are here.

/** @param {string} url @returns {Promise<Document>} a page taken apart by the browser, not run */
function load(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject());
    request.onerror = reject;
    request.open("GET", url);
    request.send();
  });
}

/** @param {HTMLAnchorElement} link @param {HTMLElement} section */
export async function showMore(link, section) {
  const way = /** @type {HTMLElement} */ (link.parentElement);
  if (way.ariaBusy === "true") return;
  way.ariaBusy = "true";
  const page = await load(link.href);
  const news = append(section, [.../** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll(".thread > li"))]);
  way.replaceWith(...page.querySelectorAll("[data-more]"));
  /** @type {Element} */ (section.querySelector("[data-said]")).textContent = section.dataset.shown ?? "";
  news.tabIndex = -1;
  news.focus();
}

/**
 * @param {HTMLElement} section @param {HTMLElement[]} threads
 * @returns {HTMLElement} the first comment that is new; its thread may have begun on the page before
 */
function append(section, [first, ...others]) {
  const list = /** @type {HTMLElement} */ (section.querySelector(".thread"));
  const last = /** @type {HTMLElement} */ (list.lastElementChild);
  const isContinued = first.dataset.thread === last.dataset.thread;
  const news = /** @type {HTMLElement} */ (first.querySelector(isContinued ? ".thread-replies" : "article"));
  if (isContinued) last.append(news);
  else list.append(first);
  list.append(...others);
  return isContinued ? /** @type {HTMLElement} */ (news.querySelector("article")) : news;
}
