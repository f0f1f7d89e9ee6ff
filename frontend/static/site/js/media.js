// @ts-check
import { announce, choose, granted, refresh, send, tell } from "./choices.js";

const ONCE = "/api/v1/consent/once/";

/** @typedef {import("./choices.js").Outcome} Outcome */

class Card {
  /** @param {HTMLElement} figure */
  constructor(figure) {
    this.figure = figure;
    this.form = /** @type {HTMLFormElement} */ (figure.querySelector("form"));
    this.stage = /** @type {HTMLElement} */ (figure.querySelector(".embed-stage"));
    this.poster = [...this.stage.childNodes];
    this.address = figure.dataset.embed ?? "";
    this.isLasting = false;
    this.form.addEventListener("submit", (event) => this.press(event));
    document.addEventListener("choice", () => this.follow());
  }

  /** @param {SubmitEvent} event */
  async press(event) {
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    event.preventDefault();
    tell(this.form, "");
    button.disabled = true;
    const outcome = await (button.value === "once" ? this.showOnce() : this.showAllowed());
    button.disabled = false;
    if (outcome === "saved") return;
    tell(this.form, this.form.dataset[outcome]);
    button.focus();
  }

  /** @returns {Promise<Outcome>} */
  async showOnce() {
    const revision = Number(this.form.dataset.revision);
    const { outcome, data } = await send("POST", ONCE, { revision, embed_url: this.address });
    if (outcome === "saved") this.show(data.embed_url);
    return outcome;
  }

  /** @returns {Promise<Outcome>} */
  async showAllowed() {
    refresh();
    if (!granted("media")) {
      const outcome = await choose(this.form, (key) => key === "media" || granted(key), "card");
      if (outcome !== "saved") return outcome;
      announce(this.form.dataset.saved);
    }
    this.show(this.address);
    return "saved";
  }

  /** @param {string} address */
  show(address) {
    const frame = document.createElement("iframe");
    frame.src = address;
    frame.title = this.figure.dataset.title ?? "";
    frame.allow = "fullscreen; picture-in-picture";
    this.stage.replaceChildren(frame);
    this.figure.classList.add("embed-open");
    this.isLasting = address === this.address;
    frame.focus();
  }

  /** A yes that is taken back, here or in another tab, closes what it opened. */
  follow() {
    if (!this.isLasting || granted("media")) return;
    this.isLasting = false;
    this.stage.replaceChildren(...this.poster);
    this.figure.classList.remove("embed-open");
  }
}

for (const figure of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-embed]"))) new Card(figure);
