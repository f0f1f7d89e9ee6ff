// Counts one visit with Plausible, which keeps nothing in the browser. Runs in a frame that has no origin.
const { account, url } = document.currentScript.dataset;
window.plausible = (...args) => (window.plausible.q = window.plausible.q || []).push(args);
window.plausible("pageview", { u: url });
const script = document.createElement("script");
script.src = "https://plausible.io/js/script.manual.js";
script.dataset.domain = account;
document.head.append(script);
