/* Keys by place (event.code), so that any layout works. Off while typing and in dialogs, or altogether by a setting. */
(() => {
  "use strict";
  const $ = (selector) => document.querySelector(selector);
  const rows = () => [...document.querySelectorAll(".qt tr[data-row]:not(.is-filtered), .found__rows [data-row]")];
  let cursor = "", prefix = "";
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
  const beside = (step) => { const link = $(`[data-beside="${step}"]:not([hidden])`); if (link) location.assign(link.href); };
  const press = (code) => {
    const part = $(`[data-key="${code}"]`);
    if (!part) return;
    const box = document.getElementById(cursor)?.querySelector(".row__check input");
    if (part.closest("[data-bulk]") && !$(".row__check input:checked")) { if (!box) return; box.click(); } /* the row under the cursor */
    if (part.matches("details")) { part.open = true; part.querySelector("[data-first], button")?.focus(); } else part.click();
  };
  const isField = (el) => el.matches("input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isField(event.target)) { event.target.blur(); return; }
    if (event.code === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest(".composer, [data-sends]")) {
      event.preventDefault();
      const form = event.target.closest("form"), next = event.shiftKey && form.querySelector("[name=then]");
      form.requestSubmit(next || form.querySelector(".btn--primary, .btn--note"));
      return;
    }
    const follows = prefix;
    prefix = "";
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || document.documentElement.dataset.keys === "off" || $("dialog[open]")) return;
    const inList = Boolean($("#list")), inTicket = Boolean($("[data-composers]"));
    const go = $(`.rail [data-go="${event.code}"]`);
    if (follows === "KeyG" && go) { event.preventDefault(); location.assign(go.href); return; }
    const act = {
      KeyG: () => { prefix = "KeyG"; },
      KeyJ: () => (inList ? move(1) : beside(1)),
      KeyK: () => (inList ? move(-1) : beside(-1)),
      Period: () => { cursor = ""; move(0); },
      KeyR: () => inTicket && document.dispatchEvent(new CustomEvent("desk:mode", { detail: "reply" })),
      KeyN: () => inTicket && document.dispatchEvent(new CustomEvent("desk:mode", { detail: "note" })),
      KeyA: () => press("KeyA"),
      KeyS: () => press("KeyS"),
      KeyE: () => press("KeyE"),
      Slash: () => {
        if (event.shiftKey) $("#keys")?.showModal();
        else if ($(".search input")) $(".search input").focus();
        else document.dispatchEvent(new CustomEvent("desk:find"));
      },
      KeyC: () => press("KeyC"),
      KeyD: () => press("KeyD"),
      KeyT: () => press("KeyT"),
      KeyZ: () => press("KeyZ"),
      KeyI: () => press("KeyI"),
      KeyO: () => press("KeyO"),
      KeyM: () => press("KeyM"),
      KeyP: () => press("KeyP"),
      KeyB: () => press("KeyB"),
      KeyL: () => press("KeyL"),
      KeyF: () => press("KeyF"),
      KeyX: () => document.getElementById(cursor)?.querySelector(".row__check input")?.click(),
    }[event.code];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("desk:refreshed", () => { if (cursor) document.getElementById(cursor)?.classList.add("is-cursor"); });
})();
