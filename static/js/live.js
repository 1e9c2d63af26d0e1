/* A nudge says only that something changed; the page then asks for its own regions with its own rights. */
(() => {
  "use strict";
  const page = document.querySelector("[data-live-page]");
  const sign = document.querySelector("[data-live]"), bar = document.querySelector("[data-lost]");
  if (!page) return;
  const QUIET = 1500, LOST_AFTER = 2000, ROUND = 60000, QUARANTINE_COUNT = 5500; /* the number beside the list is that old at most */
  const watched = page.dataset.watch || "";
  let topic = "", socket, tries = 0, asked = 0, busy = false, again = false, touched = 0;
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  /* A list does not move under a moving hand: it waits until pointer and keys have been still for a moment. */
  document.addEventListener("pointermove", (event) => { if (event.target.closest?.("#list")) touched = Date.now(); }, { passive: true });
  document.addEventListener("keydown", (event) => { if (event.target.closest?.("#list")) touched = Date.now(); });
  const isTouched = () => Date.now() - touched < QUIET;

  /* What somebody has begun to fill in is not taken from under his hands; the slow round asks again. */
  const isTypedIn = (region) => [...region.querySelectorAll("[data-keep-typed] :is(input, option)")]
    .some((field) => field.localName === "option" ? field.selected !== (field.defaultSelected || (!field.index && !field.parentNode.querySelector("[selected]"))) : field.value !== (field.shown ?? field.defaultValue) || field.validity.badInput);

  const swap = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const came = new Set();
    fresh.querySelectorAll("[data-region]").forEach((part) => {
      const old = document.getElementById(part.id);
      if (!old || bare(old) === part.innerHTML) return;
      if (isTypedIn(old)) return;
      if (old.querySelector("details.menu[open]") || (part.id === "list" && isTouched())) { again = true; return; }
      const known = new Set([...old.querySelectorAll("[data-row], article[id]")].map((el) => el.id));
      part.querySelectorAll("[data-row], article[id]").forEach((el) => { if (!known.has(el.id)) came.add(el.id); });
      const focus = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") || document.activeElement.id : "";
      const open = new Set([...old.querySelectorAll("details[open]")].map(place));
      const boxes = new Set([...old.querySelectorAll("details")].map(place));
      const top = old.scrollTop;
      old.innerHTML = part.innerHTML;
      old.querySelectorAll("details").forEach((box) => { if (boxes.has(place(box))) box.open = open.has(place(box)); });
      old.scrollTop = top;
      if (focus) [...old.querySelectorAll("a,button,input")].find((el) => el.getAttribute("href") === focus || el.id === focus)?.focus({ preventScroll: true });
    });
    const version = fresh.querySelector("template[data-version]");
    if (version) page.dataset.version = version.dataset.version;
    tell("desk:refreshed", came);
    return came.size;
  };
  /* A region as the server wrote it, without the people and the pickers that scripts put into it. */
  const bare = (region) => {
    if (!region.querySelector("[data-presence]:not([hidden]), [data-glimpse], [data-picker]")) return region.innerHTML;
    const copy = region.cloneNode(true);
    copy.querySelectorAll("[data-glimpse]").forEach((sign) => sign.remove());
    copy.querySelectorAll("[data-picker]").forEach((field) => field.removeAttribute("type"));
    copy.querySelectorAll("[data-presence]").forEach((sign) => { sign.hidden = true; sign.replaceChildren(); });
    return copy.innerHTML;
  };
  /* Where a folding part stands, in words that outlive a swap: its message and its number within it. */
  const place = (box) => {
    const home = box.closest("article[id]") || box.closest("[data-region]");
    return `${home.id} ${[...home.querySelectorAll("details")].indexOf(box)}`;
  };
  const fetchRegion = async (url, region) => {
    const answer = await fetch(url, { headers: { "X-Region": region }, credentials: "same-origin" });
    if (answer.redirected && answer.url.includes("/login/")) { ended(); return 0; }
    return answer.ok ? swap(await answer.text()) : 0;
  };
  const refresh = async () => {
    if (busy) { again = true; return 0; }
    busy = true;
    let came = 0;
    try { came = await fetchRegion((page.dataset.address || location.pathname) + location.search, page.dataset.livePage); } catch { /* the next nudge or the slow round asks again */ }
    asked = Date.now();
    busy = false;
    if (again) { again = false; setTimeout(refresh, QUIET); }
    return came;
  };
  const lazy = document.querySelector("[data-lazy]");
  const mini = async () => {
    if (!lazy || matchMedia("(max-width: 51.25em)").matches) return;
    try { await fetchRegion(lazy.dataset.lazy, "mini"); } catch { return; }
    tell("desk:mini");
  };
  document.addEventListener("desk:other-list", mini);

  /* The bar of a lost connection counts its seconds; what was missed is asked for and told when it is back. */
  let lostAt = 0, isOver = false, counting = 0;
  const show = (isOn) => {
    if (!sign) return;
    sign.hidden = false;
    sign.querySelector("[data-live-on]").hidden = !isOn;
    sign.querySelector("[data-live-off]").hidden = isOn;
  };
  const count = () => {
    const away = Date.now() - lostAt;
    if (!bar || away < LOST_AFTER) return;
    const seconds = Math.floor(away / 1000), two = (n) => String(n).padStart(2, "0");
    bar.querySelector("[data-lost-for]").textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
    if (bar.hidden) { bar.hidden = false; document.documentElement.dataset.offline = ""; tell("desk:lost"); }
  };
  const lost = () => {
    if (lostAt) return;
    lostAt = Date.now();
    counting = setInterval(count, 1000);
  };
  const restored = async () => {
    const wasShown = bar && !bar.hidden;
    clearInterval(counting);
    lostAt = 0;
    if (bar) bar.hidden = true;
    delete document.documentElement.dataset.offline;
    tell("desk:restored");
    const [came] = await Promise.all([refresh(), mini()]);
    if (wasShown) say(came ? bar.dataset.wordMissed.replace("N", came) : bar.dataset.wordBack);
  };
  const say = (text) => {
    const toast = document.createElement("div"), words = document.createElement("strong");
    toast.className = "toast";
    words.textContent = text;
    toast.append(words);
    document.querySelector(".toasts")?.append(toast);
    setTimeout(() => toast.remove(), 6000);
  };
  const ended = () => {
    isOver = true;
    clearInterval(counting);
    show(false);
    if (!bar) return;
    bar.hidden = false;
    bar.querySelector("[data-lost-words]").hidden = true;
    bar.querySelector("[data-ended-words]").hidden = false;
    document.documentElement.dataset.offline = "";
    tell("desk:lost");
  };

  let timer = 0, next = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(refresh, Math.min(150, Math.max(0, 400 - (Date.now() - asked)))); };
  const connect = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/desk/`);
    socket.addEventListener("open", () => {
      tries = 0;
      show(true);
      if (page.dataset.livePage === "list") { socket.send(JSON.stringify({ glance: true })); tell("desk:connected"); }
      if (watched) { socket.send(JSON.stringify({ watch: watched })); tell("desk:connected"); }
      if (lostAt) restored(); else if (!watched) setTimeout(refresh, 1000); /* what came while the page was on its way */
    });
    socket.addEventListener("message", (event) => {
      const heard = JSON.parse(event.data);
      if (heard.glimpse) { tell("desk:glimpse", heard.glimpse); return; }
      if (heard.presence) { tell("desk:presence", heard.presence); return; }
      topic = heard.topic || "";
      if (topic.startsWith("person:")) { tell("desk:told"); return; }
      if (heard.version !== undefined && String(heard.version) === page.dataset.version) return;
      if (topic === "quarantine" && page.dataset.livePage !== "held") { setTimeout(refresh, QUARANTINE_COUNT); return; }
      if (!watched || topic.startsWith("ticket:")) soon();
      if (watched && topic === "desk") { clearTimeout(mini.timer); mini.timer = setTimeout(mini, 800); }
    });
    socket.addEventListener("close", (event) => {
      if (isOver) return;
      if (event.code === 4403) { ended(); return; }
      show(false);
      lost();
      tries += 1;
      next = setTimeout(connect, Math.min(10000, 500 * 2 ** Math.min(tries, 6)) * (0.5 + Math.random() / 2));
    });
  };
  document.addEventListener("desk:say", (event) => { if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(event.detail)); });
  addEventListener("online", () => { if (lostAt && socket.readyState === WebSocket.CLOSED) { clearTimeout(next); connect(); } });
  addEventListener("pagehide", () => { isOver = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) { isOver = false; connect(); } });
  connect();
  mini();
  const look = () => { if (!document.hidden && !isOver && !lostAt && Date.now() - asked > ROUND) refresh(); };
  setInterval(look, 15000);
  document.addEventListener("visibilitychange", look);
})();
