/* The panel: names of chosen files, pasted screenshots, and how complete a description is. */
(() => {
  "use strict";
  document.querySelector("[data-focus]")?.focus();
  for (const form of document.querySelectorAll("form[data-files]")) {
    const files = form.querySelector("[type=file]"), chosen = form.querySelector("[data-chosen]");
    const tell = () => { chosen.textContent = [...files.files].map((file) => file.name).join(", "); };
    files.addEventListener("change", tell);
    form.addEventListener("paste", (event) => {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      const all = new DataTransfer();
      [...files.files, ...event.clipboardData.files].forEach((file) => all.items.add(file));
      files.files = all.files;
      tell();
    });
  }
  const service = document.querySelector("#service");
  if (service) { // what to look at oneself depends on the service chosen
    const fit = () => {
      const kind = service.selectedOptions[0]?.dataset.kind || "";
      for (const list of document.querySelectorAll("[data-for-kind]")) list.hidden = kind !== "" && list.dataset.forKind !== kind;
    };
    service.addEventListener("change", fit);
    fit();
  }
  const form = document.querySelector("form[data-meter-of]"), meter = document.querySelector("[data-meter]");
  if (!form || !meter) return;
  const isSeen = (field) => field.offsetParent !== null;
  const measure = () => {
    const fields = [...form.querySelectorAll("input.input, textarea, select")].filter(isSeen);
    const filled = fields.filter((field) => field.value.trim().length > (field.tagName === "TEXTAREA" ? 14 : 1)).length;
    const percent = fields.length ? Math.round((100 * filled) / fields.length) : 0;
    meter.querySelector("[data-meter-value]").textContent = `${percent}%`;
    meter.querySelector("[data-meter-bar]").setAttribute("width", percent);
  };
  meter.hidden = false;
  form.addEventListener("input", measure);
  form.addEventListener("change", measure);
  measure();
})();
