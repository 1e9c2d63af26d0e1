/* Days and times are typed as they are read; where scripts run they are chosen from the browser's picker. What is half
   filled in is told beside the field and not sent: a browser would send nothing in its place. */
(() => {
  "use strict";
  const written = (typed) => typed.trim().replace(/^(\d{1,2})\.(\d{1,2})\.(\d{4})/, (_, day, month, year) => `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`).replace(/[\s,]+/, "T");
  const offer = () => document.querySelectorAll("[data-picker]").forEach((field) => {
    if (field.type === field.dataset.picker) return;
    const picker = document.createElement("input");
    picker.type = field.dataset.picker;
    picker.value = written(field.value);
    if (field.value && !picker.value) return; /* no day: it stays as it was typed */
    field.type = picker.type;
    field.value = picker.value;
    field.shown = field.value;
  });
  const tell = (field) => {
    const told = document.getElementById(`${field.id}-e`), isOdd = field.validity.badInput;
    if (!isOdd && !told.dataset.here) return isOdd;
    told.dataset.here = "";
    told.hidden = !isOdd;
    told.lastElementChild.textContent = isOdd ? field.dataset.odd : "";
    field.toggleAttribute("aria-invalid", isOdd);
    if (isOdd) { field.setAttribute("aria-invalid", "true"); field.setAttribute("aria-describedby", told.id); } else field.removeAttribute("aria-describedby");
    return isOdd;
  };
  document.addEventListener("submit", (event) => {
    const odd = [...event.target.elements].filter((field) => field.matches("[data-picker]") && tell(field));
    if (!odd.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    odd[0].focus();
  }, true);
  document.addEventListener("desk:refreshed", offer);
  offer();
})();
