/* The panel: names of chosen files, pasted screenshots, and how complete a description is. */
(() => {
  "use strict";
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
  const list = meter.querySelector("[data-meter-list]"), templates = ["row", "done"].map((name) => meter.querySelector(`[data-meter-${name}]`).content);
  const isSeen = (field) => field.offsetParent !== null && !field.closest("details");
  const measure = () => {
    const fields = [...form.querySelectorAll("input.input, textarea, select")].filter(isSeen);
    const isFilled = (field) => field.value.trim().length >= ({ TEXTAREA: 15, SELECT: 1 }[field.tagName] || 2);
    const filled = fields.filter(isFilled).length;
    const percent = fields.length ? Math.round((100 * filled) / fields.length) : 0;
    list.replaceChildren(...fields.map((field) => {
      const row = document.importNode(templates[Number(isFilled(field))], true), link = row.querySelector("a");
      link.href = `#${field.id}`;
      link.textContent = form.querySelector(`label[for="${field.id}"]`).firstChild.textContent.trim();
      return row;
    }));
    meter.querySelector("[data-meter-value]").textContent = `${percent}%`;
    meter.querySelector("[data-meter-bar]").setAttribute("width", percent);
  };
  meter.hidden = false;
  form.addEventListener("input", measure);
  form.addEventListener("change", measure);
  measure();
})();
