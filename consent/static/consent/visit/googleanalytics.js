// Counts one visit with Google Analytics, Consent Mode v2, basic: this file is not even fetched before a yes.
// Runs in a frame that has no origin, so nothing can be stored and no advertising signal is ever granted.
const { account, url } = document.currentScript.dataset;
window.dataLayer = [];
function gtag() {
  window.dataLayer.push(arguments);
}
gtag("consent", "default", {
  ad_storage: "denied",
  ad_user_data: "denied",
  ad_personalization: "denied",
  analytics_storage: "denied",
});
gtag("consent", "update", { analytics_storage: "granted" });
gtag("js", new Date());
gtag("config", account, {
  page_location: url,
  page_referrer: "",
  allow_google_signals: false,
  client_storage: "none",
});
const script = document.createElement("script");
script.src = `https://www.googletagmanager.com/gtag/js?id=${account}`;
document.head.append(script);
