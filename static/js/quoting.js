/* Quoting the marked words of a message, or all of it; and what came while one was typing. */
(() => {
  "use strict";
  const form = document.querySelector("[data-composers] form[data-mode=reply]");
  if (!form) return;
  const area = form.querySelector("textarea"), chip = form.querySelector("[data-answers]"), field = form.querySelector("[name=answers]");
  const changed = () => form.dispatchEvent(new CustomEvent("composer:changed"));
  const quoted = (text) => text.trim().split("\n").map((line) => (line.startsWith(">") ? `>${line}` : `> ${line}`.trimEnd())).join("\n");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-quote]");
    if (!link) return;
    event.preventDefault();
    const body = link.closest("article").querySelector("[data-text]"), marked = getSelection();
    const isWithin = !marked.isCollapsed && body.contains(marked.anchorNode) && body.contains(marked.focusNode);
    const words = `${quoted(isWithin ? marked.toString() : body.innerText.replace(/\n{3,}/g, "\n\n"))}\n\n`;
    const at = area.selectionStart, before = area.value.slice(0, at).trimEnd();
    area.value = (before ? `${before}\n\n` : "") + words + area.value.slice(at);
    document.dispatchEvent(new CustomEvent("desk:mode", { detail: "reply" }));
    const place = (before ? before.length + 2 : 0) + words.length;
    area.setSelectionRange(place, place);
    field.value = link.dataset.quote;
    chip.querySelector("[data-answers-whom]").textContent = link.dataset.whom;
    chip.hidden = false;
    changed();
  });
  form.querySelector("[data-answers-clear]").addEventListener("click", () => { field.value = ""; chip.hidden = true; area.focus(); changed(); });

  /* Reading what came is a choice: until then sending stops once and shows it. */
  const bar = form.querySelector("[data-meanwhile]"), seen = form.querySelector("[name=seen]");
  let newest = 0;
  document.addEventListener("desk:refreshed", (event) => {
    const others = [...event.detail].map((id) => document.getElementById(id)).filter((el) => el?.matches("#timeline article.msg:not(.msg--note, .msg--held)") && !el.closest(".auto") && !el.querySelector("[data-undo]"));
    if (!others.length) return;
    newest = Math.max(newest, ...others.map((el) => Number(el.id.slice(2))));
    if (area.value.trim()) bar.hidden = false; else seen.value = Math.max(newest, seen.value);
  });
  form.querySelector("[data-meanwhile-show]").addEventListener("click", () => document.getElementById(`m-${newest}`)?.scrollIntoView({ block: "center" }));
  form.querySelector("[data-meanwhile-seen]").addEventListener("click", () => { seen.value = newest; bar.hidden = true; area.focus(); });
})();
