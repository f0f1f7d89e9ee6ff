// @ts-check
// A comment that nobody but its writer sees yet: changed or taken back until it is read.

/** @typedef {{ok: boolean, data: any}} Answer */
/** @typedef {{call: Function, say: Function, words: DOMStringMap}} Page what the page around it can do */

const EDIT_WINDOW = 15 * 60 * 1000;

/** It lives in this page's memory and nowhere else: an address or a storage would show it to others. */
export class OwnComment {
  /** @param {any} element @param {{id: string, edit_token: string}} receipt @param {Page} page */
  constructor(element, { id, edit_token }, page) {
    this.element = element;
    this.page = page;
    this.url = `/api/v1/comments/${id}/`;
    this.headers = { Authorization: `Comment ${edit_token}` };
    this.text = element.querySelector(".comment-body");
    this.editor = element.querySelector("form");
    this.tools = element.querySelector("[data-tools]");
    element.querySelector(".comment-picture").dataset.tone = parseInt(id.slice(0, 2), 16) % 8;
    this.tools.querySelector("[data-change]").onclick = () => this.edit(true);
    this.tools.querySelector("[data-take-back]").onclick = () => this.takeBack();
    this.editor.querySelector("[data-cancel]").onclick = () => this.edit(false);
    this.editor.onsubmit = (/** @type {Event} */ event) => this.save(event);
    setTimeout(() => this.close(), EDIT_WINDOW);
  }

  /** @param {string} name @param {string} body */
  write(name, body) {
    const letters = name.match(/(?<!\S)[\p{L}\p{N}]\p{M}*/gu) ?? [];
    this.element.querySelector(".comment-picture").textContent = letters.filter(isOuter).join("");
    this.element.querySelector(".comment-author").textContent = name;
    this.text.textContent = body;
  }

  /** @param {boolean} state */
  edit(state) {
    this.editor.body.value = this.text.textContent;
    this.text.hidden = this.tools.hidden = state;
    this.editor.hidden = !state;
    this.tell("");
    (state ? this.editor.body : this.tools.querySelector("[data-change]")).focus();
  }

  /** @param {string} text */
  tell(text) {
    this.element.querySelector("[role=alert]").textContent = text;
  }

  /** @param {Answer} answer */
  refused({ data }) {
    this.tell(data.errors?.body?.join(" ") ?? data.detail ?? this.page.words.offline);
  }

  /** @param {Event} event */
  async save(event) {
    event.preventDefault();
    const answer = await this.page.call("PATCH", this.url, JSON.stringify({ body: this.editor.body.value }), this.headers);
    if (!answer.ok) return this.refused(answer);
    this.text.textContent = answer.data.body;
    this.edit(false);
    this.page.say(this.page.words.changed);
  }

  async takeBack() {
    const answer = await this.page.call("DELETE", this.url, undefined, this.headers);
    if (!answer.ok) return this.refused(answer);
    this.element.remove();
    this.page.say(this.page.words.gone);
    document.getElementById("comments")?.focus();
  }

  close() {
    if (!this.editor.hidden) this.edit(false);
    this.tools.remove();
  }
}

/** @param {string} _ @param {number} place @param {string[]} all */
function isOuter(_, place, all) {
  return place === 0 || place === all.length - 1;
}
