// @ts-check
// Comments in place: sent, answered, changed and taken back without leaving the page.
/** @typedef {{ok: boolean, data: any}} Answer */
/** @typedef {Record<string, string[]>} Errors */

// Most readers write nothing: what only a writer needs is fetched when there is one.
const loadForms = () => import("./forms.js");
const section = /** @type {HTMLElement} */ (document.querySelector("[data-comments]"));
const form = /** @type {HTMLFormElement | null} */ (section.querySelector("form.comment-form"));

/** @param {string} selector @param {ParentNode} [where] @returns {any} */
function find(selector, where = section) {
  return where.querySelector(selector);
}

/** @param {string} name @returns {any} */
function part(name) {
  return find(`template[data-part=${name}]`).content.firstElementChild.cloneNode(true);
}

/** @param {string | undefined} text for whoever does not see what has changed */
function say(text) {
  find("[data-said]").textContent = text;
}

/**
 * @param {string} method @param {string} url @param {string} [body] @param {Record<string, string>} [headers]
 * @returns {Promise<Answer>} without data where the server could not be reached or is in trouble
 */
async function call(method, url, body, headers) {
  try {
    const init = { method, body, headers: { "Content-Type": "application/json", ...headers } };
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
    const data = answer.status === 204 || answer.status >= 500 ? {} : await answer.json();
    return { ok: answer.ok, data };
  } catch {
    return { ok: false, data: {} };
  }
}

/** @param {HTMLElement} element */
function focusOn(element) {
  element.tabIndex = -1;
  element.focus();
}

class CommentForm {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    /** @type {any} */
    this.fields = form.elements;
    this.answering = find("[data-answering]", form);
    this.home = document.createComment("");
    form.before(this.home);
    this.body = this.key = "";
    section.addEventListener("submit", (event) => event.target === form && this.submit(event), true);
    const prepare = () => loadForms().then(({ settle }) => settle(form));
    form.addEventListener("focusin", () => prepare().catch(() => undefined), { once: true });
    find("[data-cancel]", form).onclick = () => this.cancel();
  }

  /** @param {HTMLElement} link */
  answer(link) {
    this.opener = link;
    this.fields.parent.value = link.dataset.reply;
    find("strong", this.answering).textContent = link.dataset.name;
    this.answering.hidden = false;
    link.closest("article")?.after(this.form);
    (this.fields.author_name.value ? this.fields.body : this.fields.author_name).focus();
    say(find("span", this.answering).textContent);
  }

  cancel() {
    this.goHome();
    this.opener?.focus();
  }

  goHome() {
    this.home.after(this.form);
    this.fields.parent.value = "";
    this.answering.hidden = true;
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    event.stopPropagation();
    if (this.isSending) return;
    this.clear();
    const missing = this.missing();
    if (Object.keys(missing).length) return this.show(missing);
    this.isSending = true;
    await this.deliver().catch(() => this.refused({}));
    this.isSending = false;
  }

  async deliver() {
    const { renew, setBusy, settle } = await loadForms();
    setBusy(this.form, true);
    try {
      let answer = await this.post(settle);
      // A refused ticket is worth another try with a fresh one.
      if (answer.data.errors?.ticket) {
        renew(this.form);
        answer = await this.post(settle);
      }
      if (!answer.ok) return this.refused(answer.data);
      await this.sent(answer.data);
      renew(this.form);
    } finally {
      setBusy(this.form, false);
    }
  }

  /** @param {(form: HTMLFormElement) => Promise<void>} settle @returns {Promise<Answer>} */
  async post(settle) {
    await settle(this.form);
    if (!this.fields.ticket.value) return { ok: false, data: {} };
    const filled = [...new FormData(this.form)].filter(([, value]) => value);
    const body = JSON.stringify({ ...Object.fromEntries(filled), notify_replies: this.fields.notify_replies.checked });
    // The same again after a broken connection is the same comment.
    if (body !== this.body) this.key = crypto.randomUUID?.() ?? "";
    this.body = body;
    return call("POST", this.form.dataset.api ?? "", body, this.key ? { "Idempotency-Key": this.key } : {});
  }

  /** @returns {Errors} */
  missing() {
    const empty = [...this.form.querySelectorAll("[data-missing]")].filter((input) => !this.fields[input.id].value.trim());
    return Object.fromEntries(empty.map((input) => [input.id, [input.getAttribute("data-missing") ?? ""]]));
  }

  /** @param {{id: string, edit_token: string}} receipt */
  async sent(receipt) {
    const { author_name, body, parent } = this.fields;
    const { OwnComment } = await import("./own_comment.js");
    const own = new OwnComment(part("own"), receipt, { call, say, words: section.dataset });
    own.write(author_name.value.trim(), body.value.trim());
    const answered = parent.value && document.getElementById(`c-${parent.value}`);
    this.goHome();
    (answered || find("#comments")).after(own.element);
    body.value = "";
    say(section.dataset.sent);
    focusOn(own.element);
  }

  /** @param {{detail?: string, errors?: Errors}} data */
  refused({ detail, errors: { ticket, ...errors } = {} }) {
    if (Object.keys(errors).length) return this.show(errors);
    find("[data-problem]", this.form).textContent = ticket?.join(" ") ?? detail ?? section.dataset.offline;
  }

  clear() {
    find("[data-problem]", this.form).textContent = "";
    for (const old of this.form.querySelectorAll(".error-summary, .field-error")) old.remove();
    for (const wrong of this.form.querySelectorAll(".field-wrong")) wrong.classList.remove("field-wrong");
    for (const input of this.form.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      input.setAttribute("aria-describedby", `${input.id}-hint`);
    }
  }

  /** @param {Errors} errors */
  show(errors) {
    const summary = part("summary");
    for (const [name, messages] of Object.entries(errors)) {
      this.mark(name, messages);
      const item = part("problem");
      find("a", item).href = `#${name}`;
      find("a", item).textContent = messages.join(" ");
      find("ul", summary).append(item);
    }
    this.form.prepend(summary);
    summary.focus();
  }

  /** @param {string} name @param {string[]} messages */
  mark(name, messages) {
    const input = this.fields[name];
    const around = input?.closest(".field");
    if (!around) return;
    const error = part("error");
    error.id = `${name}-error`;
    find("[data-words]", error).textContent = messages.join(" ");
    (input.closest(".choice") ?? input).before(error);
    around.classList.add("field-wrong");
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", `${name}-hint ${name}-error`);
  }
}

const commentForm = form && new CommentForm(form);

section.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const isReply = commentForm && link.dataset.reply;
  if (!isReply && !link.closest("[data-more]")) return;
  event.preventDefault();
  if (isReply) commentForm.answer(link);
  else import("./more.js").then(({ showMore }) => showMore(link, section)).catch(() => location.assign(link.href));
});
