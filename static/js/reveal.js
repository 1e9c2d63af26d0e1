/* A password that is being typed may be looked at. */
(() => {
  "use strict";
  const button = document.querySelector("[data-reveal]"), field = button && document.getElementById(button.dataset.reveal);
  if (!field) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const isShown = field.type === "password";
    field.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
    field.focus();
  });
  field.form.addEventListener("submit", () => { field.type = "password"; }); /* browsers keep what was typed into a text */
})();
