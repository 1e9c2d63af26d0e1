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
  const back = document.querySelector("[data-back]"), number = document.querySelector("[data-watch]").dataset.watch;
  let list = store.get();
  if (!list?.href?.startsWith(back.pathname)) list = { href: back.pathname, title: back.textContent.trim() };
  const stand = () => {
    back.href = list.href;
    if (list.title) back.querySelector("span").textContent = list.title; /* not yet known: never a link without a name */
    const address = new URL(list.href, location.href);
    address.searchParams.set("around", number);
    mini.dataset.lazy = address.pathname + address.search;
  };
  stand();
  document.addEventListener("desk:mini", () => {
    const all = [...mini.querySelectorAll("a")], at = all.findIndex((link) => link.dataset.number === number);
    /* Opened from elsewhere: the list of its own. One that was opened from a list and has left it stays beside that. */
    if (at < 0 && list.of !== number) {
      list = { href: mini.dataset.own, title: "", of: number };
      stand();
      document.dispatchEvent(new CustomEvent("desk:other-list"));
      return;
    }
    const title = mini.querySelector("h2").textContent;
    mini.setAttribute("aria-label", title);
    if (!list.title) { list.title = title; stand(); }
    store.set({ ...list, of: number });
    all[at]?.setAttribute("aria-current", "true");
    if (!mini.matches(":hover")) all[at]?.scrollIntoView({ block: "nearest" });
    const place = document.querySelector("[data-place]");
    place.hidden = at < 0 || !mini.querySelector("[data-whole]");
    if (!place.hidden) place.textContent = place.dataset.place.replace("N", at + 1).replace("M", all.length);
    document.querySelectorAll("[data-beside]").forEach((link) => {
      const target = all[at < 0 ? (link.dataset.beside > 0 ? 0 : -1) : at + Number(link.dataset.beside)];
      link.hidden = !target;
      if (target) link.href = target.href;
    });
  });
})();
