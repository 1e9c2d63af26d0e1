/* The list an agent came from stays beside the ticket: the way back, the place in it, the next and the previous one. */
(() => {
  "use strict";
  const KEY = "list";
  const store = { get: () => { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } }, set: (list) => { try { sessionStorage.setItem(KEY, JSON.stringify(list)); } catch { /* private mode */ } } };
  const mini = document.getElementById("mini");
  if (!mini) {
    const address = new URL(location.href);
    address.searchParams.delete("after");
    if (document.getElementById("list")) store.set({ href: address.pathname + address.search, title: document.querySelector("h1").textContent });
    return;
  }
  const list = store.get(), back = document.querySelector("[data-back]");
  if (list?.href?.startsWith(back.pathname)) {
    back.href = list.href;
    back.querySelector("span").textContent = list.title;
    mini.dataset.lazy = list.href;
  }
  const links = () => [...mini.querySelectorAll("a")];
  document.addEventListener("desk:mini", () => {
    const number = document.querySelector("[data-watch]").dataset.watch;
    const all = links(), at = all.findIndex((link) => link.dataset.number === number);
    all[at]?.setAttribute("aria-current", "true");
    if (!mini.matches(":hover")) all[at]?.scrollIntoView({ block: "nearest" });
    const place = document.querySelector("[data-place]");
    place.hidden = at < 0;
    if (at >= 0) place.textContent = place.dataset.place.replace("N", at + 1).replace("M", all.length);
    document.querySelectorAll("[data-beside]").forEach((link) => {
      const target = all[at < 0 ? (link.dataset.beside > 0 ? 0 : -1) : at + Number(link.dataset.beside)];
      link.hidden = !target;
      if (target) link.href = target.href;
    });
  });
})();
