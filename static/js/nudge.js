/* A customer's open page hears that something changed and shows it when asked: nothing moves under his hands. */
(() => {
  "use strict";
  const place = document.querySelector("[data-news]");
  if (!place) return;
  const note = place.querySelector("[data-news-note]"), button = place.querySelector("[data-news-show]"), over = place.querySelector("[data-news-over]");
  const page = location.pathname + location.search;
  let socket, tries = 0, isOver = false;

  const watch = () => {
    const marks = [...document.querySelectorAll("[data-watch]")].map((part) => [part.dataset.watch, part.dataset.mark]);
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ watch: Object.fromEntries(marks), list: "newsList" in place.dataset, account: place.dataset.newsList, at: Number(place.dataset.newsAt) }));
  };
  const ended = () => { isOver = true; note.hidden = true; over.hidden = false; };

  /* The parts that change are taken from the page as it is now; forms keep what was typed into them. */
  const show = async () => {
    button.setAttribute("aria-busy", "true");
    let answer;
    try { answer = await fetch(page, { credentials: "same-origin" }); } catch { button.removeAttribute("aria-busy"); return; }
    button.removeAttribute("aria-busy");
    if (answer.url.includes("/panel/login/")) { ended(); return; }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const known = new Set([...document.querySelectorAll("[data-fresh] [id]")].map((part) => part.id));
    for (const part of fresh.querySelectorAll("[data-fresh]")) {
      const old = document.getElementById(part.id);
      if (!old) continue;
      old.innerHTML = part.innerHTML;
      if (part.dataset.watch) Object.assign(old.dataset, { watch: part.dataset.watch, mark: part.dataset.mark });
    }
    place.dataset.newsAt = fresh.querySelector("[data-news]")?.dataset.newsAt;
    note.hidden = true;
    const first = [...document.querySelectorAll("article[id]")].find((part) => !known.has(part.id)) || document.querySelector("[data-fresh]");
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "nearest" });
    watch();
  };
  button.addEventListener("click", show);

  const connect = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/panel/`);
    socket.addEventListener("open", () => { tries = 0; watch(); });
    socket.addEventListener("message", () => { note.hidden = false; });
    socket.addEventListener("close", (event) => {
      if (isOver) return;
      if (event.code === 4403) { ended(); return; }
      tries += 1;
      setTimeout(connect, Math.min(10000, 500 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2));
    });
  };
  addEventListener("pagehide", () => { isOver = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) { isOver = false; connect(); } });
  connect();
})();
