/* Narrows the rows that are on the page to the words typed; Enter searches everything. */
(() => {
  "use strict";
  const field = document.querySelector("[data-filter-rows]");
  if (!field) return;
  const plain = (text) => text.toLowerCase().replaceAll("\u0451", "\u0435");
  const narrow = () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    document.querySelectorAll(".qt tbody").forEach((group) => {
      let here = 0;
      group.querySelectorAll("tr[data-row]").forEach((row) => {
        const text = plain(row.textContent), fits = words.every((word) => text.includes(word));
        row.classList.toggle("is-filtered", !fits);
        here += fits;
      });
      group.hidden = !here;
      shown += here;
    });
    const nothing = document.querySelector("[data-found-nothing]");
    if (nothing) nothing.hidden = shown > 0;
  };
  field.addEventListener("input", narrow);
  document.addEventListener("desk:refreshed", () => { if (field.value) narrow(); });
})();
