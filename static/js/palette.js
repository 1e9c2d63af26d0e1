/* Ctrl K: one box for tickets, customers and commands. What was found comes from the search page as a fragment. */
(() => {
  "use strict";
  const box = document.querySelector("[data-palette]");
  if (!box) return;
  const field = box.querySelector("input"), found = box.querySelector("[data-found]"), told = box.querySelector("[data-palette-count]");
  const WAIT = 120, plain = (text) => text.toLowerCase().replaceAll("\u0451", "\u0435");
  let timer = 0, asked = 0, shown = "";
  const options = () => [...box.querySelectorAll("[role=option]:not([hidden]):not([aria-disabled])")];
  const choose = (option) => {
    box.querySelectorAll("[aria-selected=true]").forEach((each) => each.setAttribute("aria-selected", "false"));
    field.setAttribute("aria-activedescendant", option ? option.id : "");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
  };
  const chosen = () => box.querySelector("[aria-selected=true]:not([hidden])");
  /* Commands that this page does not have are not offered; the others are narrowed by what is typed. */
  const PLACES = { KeyR: "#reply", KeyN: "#note", KeyX: ".row__check input", KeyJ: "#list, [data-beside='1']:not([hidden])", KeyK: "#list, [data-beside='-1']:not([hidden])", Slash: "body" };
  const isHere = ({ dataset: { press } }) => !press || document.querySelector(PLACES[press] || `[data-key="${press}"]`);
  const narrow = () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    const group = box.querySelector("[data-commands]");
    group.querySelectorAll("[role=option]").forEach((option) => {
      option.hidden = !isHere(option) || !words.every((word) => plain(option.textContent).includes(word));
    });
    group.hidden = !group.querySelector("[role=option]:not([hidden])");
  };
  const ask = async () => {
    const typed = field.value.trim(), turn = ++asked;
    if (typed === shown) return;
    shown = typed;
    if (typed.length < 2) { found.replaceChildren(); choose(options()[0]); return; }
    try {
      const answer = await fetch(`${box.dataset.palette}?q=${encodeURIComponent(typed)}`, { headers: { "X-Region": "options" }, credentials: "same-origin" });
      if (turn !== asked || !answer.ok || answer.redirected) return;
      const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn !== asked) return;
      found.replaceChildren(...parts.body.childNodes);
    } catch { return; }
    choose(options()[0]);
    const many = found.querySelectorAll("[href*='/tickets/']").length;
    told.textContent = many ? String(many) : told.dataset.wordNone;
  };
  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    box.showModal();
    field.select();
    narrow();
    choose(options()[0]);
  };
  const act = (option) => {
    if (!option) return;
    if (option.href) { location.assign(option.href); return; }
    box.close();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { code: option.dataset.press, shiftKey: "shift" in option.dataset, bubbles: true }));
  };
  field.addEventListener("input", () => {
    narrow();
    if (!chosen()) choose(options()[0]);
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", async (event) => {
    const all = options(), at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(timer);
      if (field.value.trim() !== shown) await ask();
      act(chosen());
    }
  });
  box.addEventListener("click", (event) => { const option = event.target.closest("[data-press]"); if (option) act(option); });
  document.addEventListener("keydown", (event) => {
    if (event.code === "KeyK" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) { event.preventDefault(); if (box.open) box.close(); else open(); }
  });
  document.addEventListener("desk:find", open);
})();
