/* Dialogs, menus, toasts, panes and copying. */
(() => {
  "use strict";
  const root = document;
  const closeMenus = (but) => root.querySelectorAll("details.menu[open]").forEach((menu) => { if (menu !== but) menu.open = false; });
  root.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
    if (event.target.matches("dialog")) event.target.close();
    const part = event.target.closest("[data-open],[data-close],[data-dismiss],[data-copy],[data-pane-set]");
    if (!part) return;
    if (part.dataset.open) root.getElementById(part.dataset.open)?.showModal();
    if (part.matches("[data-close]")) part.closest("dialog")?.close();
    if (part.matches("[data-dismiss]")) part.closest(".toast")?.remove();
    if (part.dataset.copy) {
      navigator.clipboard?.writeText(part.dataset.copy);
      const region = root.getElementById("announce");
      if (region) region.textContent = region.dataset.copied;
    }
    if (part.dataset.paneSet) {
      root.querySelector("[data-pane]").dataset.pane = part.dataset.paneSet;
      root.querySelectorAll("[data-pane-set]").forEach((button) => button.setAttribute("aria-pressed", String(button === part)));
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.target.closest?.("details.menu[open]")?.querySelector("summary").focus();
    closeMenus();
  });
  root.querySelectorAll("[data-fades]").forEach((toast) => setTimeout(() => toast.remove(), 6000));
})();
