// Step by step: what is loaded when it comes into view must come into view.
async () => {
  const step = Math.max(innerHeight, 400);
  const end = Math.min(document.documentElement.scrollHeight, 50_000);
  for (let y = 0; y <= end; y += step) {
    scrollTo({ top: y, behavior: "instant" });
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }
}
