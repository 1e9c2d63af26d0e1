/* Who else is at this ticket and what he does. Nothing is kept: what is not said again in time is over. */
(() => {
  "use strict";
  const strip = document.querySelector("[data-typing]");
  if (!strip) return;
  const SETTLE = 2000, BEAT = 15000, TYPING = 6000, SAY_TYPING = 3000, GONE = 40000, MOST = 3, COLOURS = "abcde";
  const tabs = new Map(); /* one person may have several windows open: he is shown once */
  let settled = false, settling = 0, saidTyping = 0, shown = "";
  const say = (here) => document.dispatchEvent(new CustomEvent("desk:say", { detail: { here } }));

  const people = () => {
    const now = Date.now(), found = new Map();
    tabs.forEach((tab, id) => {
      if (now - tab.heard > GONE) { tabs.delete(id); return; }
      const doing = now - tab.typed < TYPING ? tab.doing : "views";
      if (!found.has(tab.who) || doing !== "views") found.set(tab.who, { name: tab.name, doing });
    });
    return [...found.values()].sort((one, two) => (one.doing === "views") - (two.doing === "views"));
  };
  const sentence = (person) => {
    const [before, after] = strip.dataset[person.doing].split("NAME"), name = document.createElement("strong");
    name.textContent = person.name;
    return [before, name, after];
  };
  const listed = (crowd) => crowd.flatMap((person, place) => (place ? [", ", ...sentence(person)] : sentence(person)));
  const face = (name) => {
    const sign = document.createElement("span"), sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
    sign.className = `av av--${COLOURS[sum % COLOURS.length]} av--sm`;
    sign.textContent = name.split(/\s+/).slice(0, 2).map((part) => part[0] || "").join("").toUpperCase();
    return sign;
  };
  const show = () => {
    const crowd = people(), sign = document.querySelector("[data-presence]");
    const drafted = new Set([...document.querySelectorAll("#colleagues strong")].map((name) => name.textContent));
    const writing = crowd.filter((person) => person.doing !== "views" && !drafted.has(person.name));
    const text = JSON.stringify([crowd, writing]);
    if (text === shown && sign?.hidden === !crowd.length) return;
    shown = text;
    if (sign) {
      const faces = document.createElement("span"), words = document.createElement("span");
      faces.className = "avs";
      faces.setAttribute("aria-hidden", "true");
      faces.append(...crowd.slice(0, MOST).map((person) => face(person.name)));
      words.append(...listed(crowd.slice(0, MOST)), crowd.length > MOST ? ` +${crowd.length - MOST}` : "");
      sign.replaceChildren(...(crowd.length ? [faces, words] : []));
      sign.hidden = !crowd.length;
    }
    strip.lastElementChild.replaceChildren(...listed(writing));
    strip.hidden = !writing.length;
  };

  document.addEventListener("desk:presence", (event) => {
    const { tab, who, name, doing } = event.detail, now = Date.now();
    if (doing === "left") tabs.delete(tab);
    else {
      const known = tabs.get(tab) || { typed: 0, doing };
      const isTyping = doing !== "views";
      tabs.set(tab, { who, name, heard: now, typed: isTyping ? now : known.typed, doing: isTyping ? doing : known.doing });
    }
    show();
  });
  document.addEventListener("desk:refreshed", show);
  setInterval(show, 1000);

  const settle = () => {
    clearTimeout(settling);
    if (!document.hidden) settling = setTimeout(() => { settled = true; say("views"); }, SETTLE);
  };
  document.addEventListener("desk:connected", () => { tabs.clear(); settled = false; settle(); show(); });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { settle(); return; }
    clearTimeout(settling);
    if (settled) { settled = false; say("left"); }
  });
  setInterval(() => { if (settled) say("views"); }, BEAT);
  document.addEventListener("input", (event) => {
    const form = event.target.matches("textarea[name=text]") && event.target.closest("form.composer");
    if (!form || !settled || Date.now() - saidTyping < SAY_TYPING) return;
    saidTyping = Date.now();
    say(form.dataset.mode);
  });
})();
