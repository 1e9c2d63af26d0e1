/* A nudge says only that something changed; the page then asks for its own regions with its own rights. */
(() => {
  "use strict";
  const page = document.querySelector("[data-live-page]");
  const sign = document.querySelector("[data-live]");
  if (!page) return;
  const watched = page.dataset.watch || "";
  let topic = "", socket, tries = 0, asked = 0, busy = false, again = false, wasLost = false;

  const swap = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const marked = [...document.querySelectorAll("tr[data-row] input:checked")].map((box) => box.closest("tr").id);
    fresh.querySelectorAll("[data-region]").forEach((part) => {
      const old = document.getElementById(part.id);
      if (!old || old.innerHTML === part.innerHTML) return;
      if (old.querySelector("details.menu[open]")) { again = true; return; }
      const focus = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") || document.activeElement.id : "";
      const open = [...old.querySelectorAll("details")].map((box) => box.open);
      const place = old.scrollTop, atEnd = old.scrollHeight - old.clientHeight - place < 40;
      old.innerHTML = part.innerHTML;
      if (part.id !== "timeline") old.querySelectorAll("details").forEach((box, n) => { if (n in open) box.open = open[n]; });
      old.scrollTop = part.id === "timeline" && atEnd ? old.scrollHeight : place;
      if (focus) [...old.querySelectorAll("a,button,input")].find((el) => el.getAttribute("href") === focus || el.id === focus)?.focus({ preventScroll: true });
    });
    marked.forEach((id) => { const row = document.getElementById(id); if (row) { row.querySelector("input").checked = true; row.setAttribute("aria-selected", "true"); } });
    document.dispatchEvent(new Event("desk:refreshed"));
  };
  const fetchRegion = async (url, region) => {
    const answer = await fetch(url, { headers: { "X-Region": region }, credentials: "same-origin" });
    if (answer.redirected && answer.url.includes("/login/")) { location.reload(); return; }
    if (answer.ok) swap(await answer.text());
  };
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try { await fetchRegion(location.pathname + location.search, page.dataset.livePage); } catch { /* the next nudge or the slow round asks again */ }
    asked = Date.now();
    busy = false;
    if (again) { again = false; setTimeout(refresh, 1000); }
  };
  const lazy = document.querySelector("[data-lazy]");
  const mini = async () => {
    if (!lazy || !lazy.checkVisibility()) return;
    try { await fetchRegion(lazy.dataset.lazy, "mini"); } catch { return; }
    document.querySelector(`#mini a[data-number="${watched}"]`)?.setAttribute("aria-current", "true");
  };
  const show = (isOn) => {
    if (!sign) return;
    sign.hidden = false;
    sign.querySelector("[data-live-on]").hidden = !isOn;
    sign.querySelector("[data-live-off]").hidden = isOn;
  };
  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(refresh, Math.min(150, Math.max(0, 400 - (Date.now() - asked)))); };
  const connect = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/desk/`);
    socket.addEventListener("open", () => {
      tries = 0;
      show(true);
      if (watched) socket.send(JSON.stringify({ watch: watched }));
      if (wasLost) { refresh(); mini(); } else if (!watched) setTimeout(refresh, 1000); /* what came while the page was on its way */
      wasLost = false;
    });
    socket.addEventListener("message", (event) => {
      const heard = JSON.parse(event.data);
      topic = heard.topic || "";
      if (heard.version !== undefined && String(heard.version) === page.dataset.version) return;
      if (!watched || topic.startsWith("ticket:")) soon();
      if (watched && topic === "desk") { clearTimeout(mini.timer); mini.timer = setTimeout(mini, 800); }
    });
    socket.addEventListener("close", (event) => {
      show(false);
      wasLost = true;
      if (event.code === 4403) return;
      tries += 1;
      setTimeout(connect, Math.min(30000, 500 * 2 ** tries) * (0.5 + Math.random()));
    });
  };
  connect();
  mini();
  setInterval(() => { if (!document.hidden && Date.now() - asked > 60000) refresh(); }, 15000);
})();
