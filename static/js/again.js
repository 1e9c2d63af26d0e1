/* A part that says how far something came asks again every two seconds, and for the whole page once it is done. */
(() => {
  "use strict";
  const part = document.querySelector("[data-again]");
  if (!part) return;
  const look = async () => {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-again]");
        if (!fresh) { location.reload(); return; }
        part.innerHTML = fresh.innerHTML;
      }
    } catch { /* asks again */ }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
})();
