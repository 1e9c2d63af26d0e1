/* The bell: how many notifications are unseen, and the new ones as notices, one for a ticket, three at most. */
(() => {
  "use strict";
  const bell = document.querySelector("[data-bell]"), toasts = document.querySelector(".toasts");
  if (!bell) return;
  const SETTLE = 2000, ROUND = 60000, MOST = 3;
  const count = bell.querySelector("[data-bell-count]"), here = document.querySelector("[data-watch]")?.dataset.watch;
  let newest = null;
  const show = (row) => {
    const toast = document.createElement("div"), box = document.createElement("div");
    const words = document.createElement("strong"), link = document.createElement("a");
    const hide = document.importNode(bell.querySelector("template").content, true);
    toast.className = "toast";
    toast.dataset.ticket = row.number;
    words.textContent = row.words;
    link.href = row.url;
    link.textContent = row.subject;
    box.append(words, document.createElement("br"), link);
    toast.append(box, hide);
    toasts.querySelector(`[data-ticket="${row.number}"]`)?.remove();
    toasts.append(toast);
    const shown = toasts.querySelectorAll("[data-ticket]");
    if (shown.length > MOST) shown[0].remove();
  };
  const seen = async () => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    await fetch(bell.dataset.seen, { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams({ number: here }), redirect: "manual" });
  };
  const ask = async () => {
    let news;
    try {
      const answer = await fetch(bell.dataset.bell, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      news = await answer.json();
      if (here && !document.hidden && news.rows.some((row) => row.number === here)) {
        await seen();
        news.unseen = Math.max(0, news.unseen - news.rows.filter((row) => row.number === here).length);
      }
    } catch { return; /* the next nudge or the slow round asks again */ }
    count.textContent = news.unseen > 99 ? "99+" : news.unseen;
    count.hidden = !news.unseen;
    if (newest !== null) news.rows.filter((row) => row.id > newest && row.number !== here).reverse().forEach(show);
    newest = Math.max(newest || 0, ...news.rows.map((row) => row.id));
  };
  setTimeout(ask, here ? SETTLE : 0);
  document.addEventListener("desk:told", ask);
  document.addEventListener("desk:restored", ask);
  setInterval(() => { if (!document.hidden) ask(); }, ROUND);
})();
