/* The server gives an absolute time, the page counts. role=timer is silent; thresholds are announced once. */
(() => {
  "use strict";
  const SOON = 1800, said = new Set(), region = document.getElementById("announce");
  const two = (n) => String(n).padStart(2, "0");
  const words = (s) => {
    const a = Math.abs(s), days = Math.floor(a / 86400), h = Math.floor(a % 86400 / 3600), m = Math.floor(a % 3600 / 60);
    const time = days ? `${days}:${two(h)}:${two(m)}:${two(a % 60)}` : h ? `${h}:${two(m)}:${two(a % 60)}` : `${two(m)}:${two(a % 60)}`;
    return (s < 0 ? "\u2212" : "") + time;
  };
  const say = (text) => { if (region) { region.textContent = ""; setTimeout(() => { region.textContent = text; }, 60); } };
  const tick = () => document.querySelectorAll("[data-due]").forEach((el) => {
    const left = Math.round((Date.parse(el.dataset.due) - Date.now()) / 1000), box = el.closest("[data-clock]");
    el.textContent = words(left);
    if (!box) return;
    const mood = left < 0 ? "late" : left < SOON ? "soon" : "calm";
    if (box.dataset.mood !== mood) {
      box.dataset.mood = mood;
      box.classList.toggle("clock--late", mood === "late");
      box.classList.toggle("clock--soon", mood === "soon");
      const use = box.querySelector("use"), file = use.getAttribute("href").split("#")[0];
      use.setAttribute("href", `${file}#i-${box.dataset.sign || { late: "flame", soon: "timer", calm: "clock" }[mood]}`);
      const late = box.querySelector("[data-late-word]");
      if (late) late.hidden = mood !== "late";
      const cell = box.closest(".sla > div");
      if (cell) { cell.classList.toggle("is-late", mood === "late"); cell.classList.toggle("is-soon", mood === "soon"); }
    }
    const name = el.getAttribute("aria-label");
    [900, 300, 0].forEach((at) => {
      const key = `${name} ${el.dataset.due} ${at}`;
      if (left === at && name && region && !said.has(key)) {
        said.add(key);
        say((at ? region.dataset.left : region.dataset.breached).replace("NAME", name).replace("N", at / 60));
      }
    });
  });
  tick();
  setInterval(tick, 1000);
  document.addEventListener("desk:refreshed", tick);
})();
