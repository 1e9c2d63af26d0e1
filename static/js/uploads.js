/* Files by drag, paste or the clip: sent at once, kept with the draft, taken away by the cross. */
(() => {
  "use strict";
  const box = document.querySelector("[data-composers]");
  if (!box) return;
  const sign = document.querySelector("[data-dismiss-sign]");
  const cross = (label) => {
    const button = document.createElement("button"), words = label.closest("[data-files]").dataset.wordRemove;
    button.type = "button";
    button.className = "iconbtn iconbtn--sm";
    button.title = words;
    button.setAttribute("aria-label", `${words}: ${label.querySelector("b").textContent}`);
    button.append(sign.content.cloneNode(true));
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      const form = label.closest("form"), headers = { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value, "X-Region": "files" };
      try {
        const answer = await fetch(`${box.dataset.uploads}/${label.querySelector("input").value}/removal`, { method: "POST", headers });
        if (answer.ok) { label.remove(); form.querySelector("textarea").focus(); }
      } catch { /* it stays where it is */ }
    });
    label.append(button);
  };
  box.querySelectorAll("[data-files] .att").forEach(cross);
  const send = async (form, files) => {
    if (!files.length) return;
    const status = form.querySelector("[data-saved]"), body = new FormData();
    [...files].forEach((file) => body.append("files", file, file.name));
    status.textContent = status.dataset.wordUploading;
    try {
      const answer = await fetch(box.dataset.uploads, { method: "POST", headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value }, body });
      if (answer.status === 413) { status.textContent = status.dataset.wordUploadLarge; return; }
      const said = await answer.json();
      status.textContent = answer.ok ? "" : said.words;
      (said.uploads || []).forEach((file) => {
        const label = document.createElement("label"), tick = document.createElement("input"), name = document.createElement("b");
        label.className = "att";
        Object.assign(tick, { type: "checkbox", name: "uploads", value: file.public_id, checked: true });
        name.textContent = file.filename;
        label.append(tick, name);
        form.querySelector("[data-files]").append(label);
        cross(label);
      });
    } catch { status.textContent = status.dataset.wordUploadFailed; }
  };
  box.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=file]")) return;
    const input = event.target;
    send(input.form, input.files).then(() => { input.value = ""; });
  });
  box.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) { event.preventDefault(); send(event.target.closest("form"), event.clipboardData.files); }
  });
  ["dragover", "dragleave", "drop"].forEach((kind) => box.addEventListener(kind, (event) => {
    const form = event.target.closest("form");
    if (!form || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.classList.toggle("is-over", kind === "dragover");
    if (kind === "drop") send(form, event.dataTransfer.files);
  }));
})();
