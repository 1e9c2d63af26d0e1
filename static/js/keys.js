/* Keys by place (event.code), so that any layout works. Off while typing and in dialogs. */
(() => {
  "use strict";
  const $ = (selector) => document.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".qt tr[data-row]:not(.is-filtered)")];
  let cursor = "";
  const show = (row) => {
    rows().forEach((each) => each.classList.toggle("is-cursor", each === row));
    cursor = row.id;
    row.querySelector("a")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const all = rows(), at = all.findIndex((row) => row.id === cursor);
    if (all.length) show(all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))]);
  };
  const beside = (step) => {
    const links = [...document.querySelectorAll("#mini a")], at = links.findIndex((link) => link.hasAttribute("aria-current"));
    const target = links[at < 0 ? 0 : at + step];
    if (target) location.assign(target.href);
  };
  const mark = (row) => {
    const box = row?.querySelector("input[type=checkbox]");
    if (box) { box.checked = !box.checked; row.setAttribute("aria-selected", String(box.checked)); }
  };
  const press = (code) => {
    const part = $(`[data-key="${code}"]`);
    if (!part) return;
    if (part.matches("details")) { part.open = true; part.querySelector("button")?.focus(); } else part.click();
  };
  const isField = (el) => el.matches("input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isField(event.target)) { event.target.blur(); return; }
    if (event.code === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest(".composer")) {
      event.preventDefault();
      const form = event.target.closest("form"), next = event.shiftKey && form.querySelector("[name=then]");
      form.requestSubmit(next || form.querySelector(".btn--primary, .btn--note"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || document.documentElement.dataset.keys === "off" || $("dialog[open]")) return;
    const inList = Boolean($(".qt"));
    const act = {
      KeyJ: () => (inList ? move(1) : beside(1)),
      KeyK: () => (inList ? move(-1) : beside(-1)),
      KeyX: () => mark(document.getElementById(cursor)),
      Period: () => { cursor = ""; move(0); },
      KeyR: () => document.dispatchEvent(new CustomEvent("desk:mode", { detail: "reply" })),
      KeyN: () => document.dispatchEvent(new CustomEvent("desk:mode", { detail: "note" })),
      KeyA: () => press("KeyA"),
      KeyS: () => press("KeyS"),
      KeyE: () => press("KeyE"),
      Slash: () => (event.shiftKey ? $("#keys")?.showModal() : $(".search input")?.focus()),
    }[event.code];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("change", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (row) row.setAttribute("aria-selected", String(event.target.checked));
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-filter-rows]")) return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    document.querySelectorAll("tr[data-row]").forEach((row) => row.classList.toggle("is-filtered", !words.every((word) => row.textContent.toLowerCase().includes(word))));
  });
  document.addEventListener("desk:refreshed", () => { if (cursor) document.getElementById(cursor)?.classList.add("is-cursor"); });
})();
