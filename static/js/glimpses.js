/* Who is at which ticket of the list: said by the others' pages again and again, and forgotten when it is not. */
(() => {
  "use strict";
  const sign = document.querySelector("template[data-glimpse-sign]");
  if (!sign) return;
  const GONE = 40000, MOST = 2;
  const tabs = new Map();
  const atRow = (topic) => document.getElementById(`t-${topic.replace("ticket:", "")}`);
  const people = () => {
    const now = Date.now(), rows = new Map();
    tabs.forEach((tab, id) => {
      if (now - tab.heard > GONE) { tabs.delete(id); return; }
      const here = rows.get(tab.topic) || new Map();
      here.set(tab.who, tab.name);
      rows.set(tab.topic, here);
    });
    return rows;
  };
  const show = () => {
    const rows = people(), wanted = new Map();
    rows.forEach((here, topic) => {
      const row = atRow(topic);
      if (row) wanted.set(row, [...here.values()].sort());
    });
    document.querySelectorAll("[data-row] [data-glimpse]").forEach((old) => {
      const row = old.closest("[data-row]");
      if (wanted.get(row)?.join("\n") === old.dataset.glimpse) wanted.delete(row);
      else old.remove();
    });
    wanted.forEach((names, row) => {
      const shown = sign.content.firstElementChild.cloneNode(true);
      const [before, after] = sign.dataset.word.split("NAME"), said = names.slice(0, MOST).join(", ") + (names.length > MOST ? ` +${names.length - MOST}` : "");
      shown.dataset.glimpse = names.join("\n");
      shown.title = shown.querySelector(".vh").textContent = `${before}${names.join(", ")}${after}`;
      shown.querySelector("b").textContent = said;
      row.querySelector(".row__subj a").after(shown);
    });
  };
  document.addEventListener("desk:glimpse", (event) => {
    const { tab, topic, who, name, doing } = event.detail;
    if (doing === "left") tabs.delete(tab);
    else tabs.set(tab, { topic, who, name, heard: Date.now() });
    show();
  });
  document.addEventListener("desk:connected", () => { tabs.clear(); show(); });
  document.addEventListener("desk:refreshed", show);
  setInterval(show, 5000);
})();
