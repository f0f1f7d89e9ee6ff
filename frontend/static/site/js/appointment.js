// @ts-check

/** @param {string} token */
function send(token) {
  const form = document.createElement("form");
  const field = document.createElement("input");
  Object.assign(form, { method: "post", action: location.pathname, hidden: true });
  Object.assign(field, { type: "hidden", name: "token", value: token });
  form.append(field);
  document.body.append(form);
  form.submit();
}

/** The key out of the address, where it would stay in the browser's history, into the body of a request. */
function open() {
  const token = location.hash.slice(1);
  if (!token || document.getElementById(token)) return;
  history.replaceState(null, "", location.pathname);
  const form = /** @type {HTMLElement | null} */ (document.querySelector("[data-opens]"));
  const news = form?.querySelector("[data-news]");
  const field = form?.querySelector("input");
  if (field) field.value = token;
  if (news) news.textContent = (navigator.onLine ? form?.dataset.loading : form?.dataset.offline) ?? "";
  if (navigator.onLine || !form) send(token);
}

addEventListener("hashchange", open);
open();
