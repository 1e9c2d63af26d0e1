/* New rows of a list, in words for whoever does not see them come: how many, at most every few seconds. */
(() => {
  "use strict";
  const SETTLE = 3000, list = document.querySelector("[data-listed]"), region = document.getElementById("announce");
  const plural = new Intl.PluralRules(document.documentElement.lang);
  const news = new Set();
  let saying = 0, isTold = false; /* after a lost connection a notice says what was missed */
  document.addEventListener("desk:lost", () => { isTold = true; });
  const say = () => {
    saying = 0;
    region.textContent = list.dataset[plural.select(news.size)].replace("N", news.size);
    news.clear();
  };
  document.addEventListener("desk:refreshed", (event) => {
    if (isTold) { isTold = false; return; }
    event.detail.forEach((id) => { if (document.getElementById(id)?.matches("[data-row]")) news.add(id); });
    if (news.size && !saying) saying = setTimeout(say, SETTLE);
  });
})();
