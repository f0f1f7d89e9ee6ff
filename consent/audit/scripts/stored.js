// Names only, never values. Without JavaScript the asynchronous half would never be answered, and nothing could fill it.
(hasScript) => {
  const hints = [...document.querySelectorAll("link[rel~=preconnect], link[rel~=dns-prefetch]")];
  const found = {
    origin: self.origin,
    hints: hints.map((link) => link.href),
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
  };
  if (!hasScript) return found;
  const late = new Promise((resolve) => setTimeout(resolve, 3000, found));
  const rest = (async () => {
    found.indexeddb = (await indexedDB.databases()).map((database) => database.name);
    found.cache = (await globalThis.caches?.keys()) ?? [];
    const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
    found.worker = workers.map((worker) => new URL(worker.scope).pathname);
    return found;
  })();
  return Promise.race([rest, late]);
}
