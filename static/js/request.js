/* The public form: names of chosen files, pasted and dropped ones, and the proof of work (docs/public-pages.md). */
(() => {
  "use strict";
  const form = document.querySelector("form[data-work]");
  if (!form) return;
  const shownAt = performance.now(), files = form.querySelector("[type=file]"), told = form.querySelector("[data-told]");
  const tell = () => { form.querySelector("[data-chosen]").textContent = [...files.files].map((file) => file.name).join(", "); };
  const add = (more) => {
    const all = new DataTransfer();
    [...files.files, ...more].forEach((file) => all.items.add(file));
    files.files = all.files;
    tell();
  };
  files.addEventListener("change", tell);
  form.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) { event.preventDefault(); add(event.clipboardData.files); }
  });
  form.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
  form.addEventListener("drop", (event) => {
    if (event.dataTransfer?.files.length) { event.preventDefault(); add(event.dataTransfer.files); }
  });

  const bytes = new TextEncoder();
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const solve = async () => {
    const address = `${form.dataset.work}?stamp=${encodeURIComponent(form.elements.stamp.value)}`;
    const task = await (await fetch(address)).json();
    for (let number = 0; number <= task.maxNumber; number += 1) {
      const digest = await crypto.subtle.digest(task.algorithm, bytes.encode(task.salt + number));
      if (hex(digest) === task.challenge) {
        const { algorithm, challenge, salt, signature } = task;
        return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
      }
    }
    return "";
  };
  // Begun with the first touch, so that it is done long before the last field. A challenge lasts half an hour.
  const LASTS = 25 * 60 * 1000;
  let work = null, begunAt = 0;
  const begin = () => {
    if (!crypto.subtle) return Promise.resolve(""); // plain HTTP: the mailed link does it
    if (!work || performance.now() - begunAt > LASTS) { begunAt = performance.now(); work = solve().catch(() => { work = null; return ""; }); }
    return work;
  };
  form.addEventListener("focusin", begin);
  let isSending = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    form.querySelector("button.btn--primary").setAttribute("aria-busy", "true");
    told.textContent = form.dataset.wordWorking;
    form.elements.work.value = await begin();
    const left = Number(form.dataset.waits) + 200 - (performance.now() - shownAt);
    setTimeout(() => form.submit(), Math.max(0, left));
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    isSending = false;
    form.querySelector("button.btn--primary").removeAttribute("aria-busy");
  });
})();
