/* What comes into the open conversation: a line "New since", the place kept, a button if it is below. */
(() => {
  "use strict";
  const box = document.getElementById("timeline"), words = document.querySelector("[data-arrivals]");
  if (!box || !words) return;
  const plural = new Intl.PluralRules(document.documentElement.lang);
  const news = new Set();
  let first = "", since = "", isTold = false; /* after a lost connection a notice says what was missed */
  const button = words.querySelector("button");
  const line = () => box.querySelector("[data-new]");
  const isBelow = (id) => document.getElementById(id)?.getBoundingClientRect().top > Math.min(box.getBoundingClientRect().bottom, innerHeight) - 40;
  const said = (number) => words.dataset[plural.select(number)].replace("N", number);
  const offer = () => {
    news.forEach((id) => { if (!isBelow(id)) news.delete(id); });
    words.hidden = !news.size;
    if (news.size) button.querySelector("span").textContent = said(news.size);
  };
  /* A ticket opens at the first message nobody has answered; where all is answered, at the last. */
  const messages = [...box.querySelectorAll("article[id]")];
  const answered = messages.findLastIndex((el) => el.classList.contains("msg--agent"));
  const unread = messages.slice(answered + 1).find((el) => !el.classList.contains("msg--note"));
  box.scrollTop = unread ? unread.offsetTop - box.offsetTop - 12 : box.scrollHeight;

  document.addEventListener("desk:lost", () => { isTold = true; });
  document.addEventListener("desk:refreshed", (event) => {
    const came = [...event.detail].filter((id) => document.getElementById(id)?.closest("#timeline"));
    came.forEach((id) => news.add(id));
    if (!first && came.length) {
      first = came[0];
      since = document.getElementById(first).querySelector("time").textContent.trim().slice(-5);
    }
    if (came.length && !isTold) document.getElementById("announce").textContent = said(came.length);
    isTold = false;
    const at = first && document.getElementById(first);
    if (at && !line()) {
      const mark = document.createElement("p");
      mark.className = "daysep daysep--new";
      mark.dataset.new = "";
      mark.textContent = words.dataset.since.replace("TIME", since);
      (at.closest("details") || at).before(mark);
    }
    if (came.length) offer();
  });
  button.addEventListener("click", () => {
    const target = document.getElementById([...news][0]);
    (target.previousElementSibling?.matches("[data-new]") ? target.previousElementSibling : target).scrollIntoView({ block: "start" });
    box.focus({ preventScroll: true });
    offer();
  });
  [box, window].forEach((scroller) => scroller.addEventListener("scroll", () => { if (!words.hidden) offer(); }, { passive: true }));
})();
