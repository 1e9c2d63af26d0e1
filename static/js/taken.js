/* Somebody else has taken the ticket that is open here: said at once, where the answer is being written. */
(() => {
  "use strict";
  const strip = document.querySelector("[data-taken]"), holder = () => document.querySelector("template[data-assignee]");
  if (!strip) return;
  let before = holder()?.dataset.assignee;
  document.addEventListener("desk:refreshed", () => {
    const sign = holder(), now = sign?.dataset.assignee;
    if (now === undefined || now === before) return;
    before = now;
    const [start, end] = strip.dataset.taken.split("NAME"), name = document.createElement("strong");
    name.textContent = now;
    strip.lastElementChild.replaceChildren(start, name, end);
    strip.hidden = !now || "mine" in sign.dataset;
  });
})();
