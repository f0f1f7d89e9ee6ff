// Keeps what the page editor says about sizes of pictures up to date while they are being made.

const SECONDS = 3;

/** @param {HTMLElement} place */
async function follow(place) {
  while (place.querySelector("[data-moving]")) {
    await new Promise((done) => setTimeout(done, SECONDS * 1000));
    const answer = await fetch(place.dataset.pictures ?? "");
    if (!answer.ok) return;
    place.innerHTML = await answer.text();
  }
}

document.querySelectorAll("[data-pictures]").forEach(follow);
