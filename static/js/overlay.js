/* Focus is never hidden under something that floats (WCAG 2.4.11); nor where one stands, in a strip that scrolls. */
(() => {
  "use strict";
  const strip = document.querySelector(".views"), here = strip?.querySelector("[aria-current]");
  if (here && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  document.addEventListener("focusin", (event) => {
    const b = event.target.getBoundingClientRect();
    document.querySelectorAll("[data-overlay]").forEach((overlay) => {
      const r = overlay.getBoundingClientRect();
      if (overlay.contains(event.target) || !r.height || b.bottom <= r.top || b.top >= r.bottom || b.right <= r.left || b.left >= r.right) return;
      const box = event.target.closest(".qscroll, .conv__scroll"), own = box && box.scrollHeight > box.clientHeight && getComputedStyle(box).overflowY !== "visible";
      (own ? box : window).scrollBy(0, r.top > innerHeight / 2 ? b.bottom - r.top + 12 : b.top - r.bottom - 12);
    });
  });
})();
