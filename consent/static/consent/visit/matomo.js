// Counts one visit with the clinic's own Matomo, without cookies. Runs in a frame that has no origin.
const { account, url } = document.currentScript.dataset;
const [address, site = "1"] = account.split("#");
window._paq = [
  ["setTrackerUrl", `${address}/matomo.php`],
  ["setSiteId", site],
  ["disableCookies"],
  ["setCustomUrl", url],
  ["setReferrerUrl", ""],
  ["trackPageView"],
];
const script = document.createElement("script");
script.src = `${address}/matomo.js`;
document.head.append(script);
