/* An @ in a note offers the colleagues who may see the ticket; arrows and Enter choose, Esc goes on typing. */
(() => {
  "use strict";
  const box = document.querySelector("[data-calls]"), area = box?.closest("form").querySelector("textarea");
  if (!area) return;
  const CALL = /(?:^|[^\p{L}\p{N}_.+-])@((?:[\p{L}\p{N}_.-]+ ?)?[\p{L}\p{N}_.-]*)$/u, MOST = 6;
  const folded = (text) => text.toLowerCase().replaceAll("\u0451", "\u0435");
  const count = box.parentElement.querySelector("[data-calls-count]");
  let asking = null, closedAt = "";
  const people = () => {
    asking ||= fetch(box.dataset.calls, { credentials: "same-origin" }).then((answer) => (answer.ok && !answer.redirected ? answer.json() : { people: [] })).catch(() => { asking = null; return { people: [] }; });
    return asking;
  };
  const before = () => area.value.slice(0, area.selectionStart);
  const options = () => [...box.children];
  const chosen = () => box.querySelector("[aria-selected=true]");
  const choose = (option) => {
    options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
    area.setAttribute("aria-activedescendant", option.id);
  };
  const hide = () => {
    box.hidden = true;
    box.replaceChildren();
    area.removeAttribute("aria-activedescendant");
    count.textContent = "";
  };
  const fits = (person, typed) => [person.name, person.handle, ...person.name.split(" ")].some((word) => folded(word).startsWith(typed));
  const offer = async () => {
    const call = CALL.exec(before());
    if (!call || closedAt === before()) { hide(); return; }
    const found = (await people()).people, typed = folded(call[1]), now = CALL.exec(before());
    if (now?.[1] !== call[1]) return;
    const fitting = found.filter((person) => fits(person, typed)).slice(0, MOST);
    if (!fitting.length) { hide(); return; }
    box.replaceChildren(...fitting.map((person, place) => {
      const option = document.createElement("div"), name = document.createElement("span");
      option.className = "cmd__item";
      option.id = `call-${place}`;
      option.setAttribute("role", "option");
      option.dataset.handle = person.handle;
      name.textContent = person.name;
      option.append(name);
      if (person.handle !== person.name) { const login = document.createElement("small"); login.textContent = person.handle; option.append(login); }
      return option;
    }));
    box.hidden = false;
    count.textContent = count.dataset.word.replace("N", fitting.length);
    choose(box.firstElementChild);
  };
  const take = (option) => {
    const start = before().lastIndexOf("@") + 1, end = area.selectionStart;
    area.setRangeText(option.dataset.handle, start, end, "end");
    closedAt = before();
    hide();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  area.addEventListener("input", offer);
  area.addEventListener("blur", hide);
  area.addEventListener("keydown", (event) => {
    if (box.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = options(), at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) take(chosen());
    else if (event.key === "Escape") { closedAt = before(); hide(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-handle]");
    if (option) { event.preventDefault(); take(option); }
  });
})();
