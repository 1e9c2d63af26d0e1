/* Files too large for their form are told beside them and not sent, so that nothing typed is lost with them. */
(() => {
  "use strict";
  const judge = (form) => {
    const told = form.querySelector("[data-too-large]"), inputs = [...form.querySelectorAll("[type=file]")];
    const bytes = inputs.flatMap((input) => [...input.files]).reduce((sum, file) => sum + file.size, 0);
    told.hidden = bytes <= Number(told.dataset.tooLarge);
    return told.hidden ? null : inputs.find((input) => input.files.length);
  };
  const told = (event) => event.target.closest("form")?.querySelector("[data-too-large]");
  document.addEventListener("change", (event) => {
    if (event.target.matches("[type=file]") && told(event)) judge(event.target.form);
  });
  document.addEventListener("submit", (event) => {
    const first = told(event) && judge(event.target);
    if (!first) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    first.focus();
  }, true);
})();
