/* Marks in the list: by mouse, a range with Shift, by X. They outlive a refresh; what has left the list loses its mark. */
(() => {
  "use strict";
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const count = bar.querySelector("[data-count]");
  let marked = new Set(), last = "";
  const boxes = () => [...document.querySelectorAll("#list .row__check input")];
  const show = () => {
    const here = boxes();
    marked = new Set(here.map((box) => box.value).filter((number) => marked.has(number)));
    here.forEach((box) => {
      box.checked = marked.has(box.value);
      box.closest("tr").setAttribute("aria-selected", String(box.checked));
    });
    count.textContent = count.dataset.count.replace("N", marked.size);
    bar.classList.toggle("is-on", marked.size > 0);
  };
  const set = (box, isOn) => { if (isOn) marked.add(box.value); else marked.delete(box.value); };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-unmark]")) { marked.clear(); show(); return; }
    if (!event.target.matches?.(".row__check input")) return;
    const all = boxes(), at = all.indexOf(event.target), from = all.findIndex((box) => box.value === last);
    const [first, end] = event.shiftKey && from >= 0 ? [Math.min(at, from), Math.max(at, from)] : [at, at];
    all.slice(first, end + 1).forEach((box) => set(box, event.target.checked));
    last = event.target.value;
    show();
  });
  document.addEventListener("desk:refreshed", show);
  boxes().filter((box) => box.checked).forEach((box) => marked.add(box.value)); /* a browser keeps them over a reload */
  show();
})();
