/* What a page says of what was just done is there before anybody listens: it is said again where it is heard.
   A list of mistakes is where one goes on. */
(() => {
  "use strict";
  const AFTER = 400, region = document.getElementById("announce");
  const words = [...document.querySelectorAll(".told p, .toasts .toast strong")].map((part) => part.textContent.trim());
  if (region && words.length) setTimeout(() => { region.textContent = words.join(" "); }, AFTER);
  document.querySelector("[data-focus]")?.focus();
})();
