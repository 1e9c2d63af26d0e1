/* The seconds in which a sent reply can still be taken back. The server decides; the page only counts and then folds away. */
(() => {
  "use strict";
  const SHOWN = 15000;
  const tick = () => document.querySelectorAll("[data-leaves]").forEach((el) => {
    const left = Math.ceil((Date.parse(el.getAttribute("datetime")) - Date.now()) / 1000);
    el.textContent = left > 0 ? el.dataset.words.replace("N", left) : el.dataset.over;
  });
  tick();
  setInterval(tick, 1000);
  document.addEventListener("desk:refreshed", tick);
  document.querySelectorAll(".toast[data-undo]").forEach((toast) => setTimeout(() => toast.remove(), SHOWN));
})();
