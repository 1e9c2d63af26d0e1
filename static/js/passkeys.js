/* Passkeys: the browser signs what the server asks, and the form leaves with the answer. Without a script none is offered. */
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));
  const asked = {
    sign: (told) => navigator.credentials.get({ publicKey: { ...told, challenge: bytes(told.challenge), allowCredentials: known(told.allowCredentials) } }),
    make: (told) => navigator.credentials.create({ publicKey: { ...told, challenge: bytes(told.challenge), user: { ...told.user, id: bytes(told.user.id) }, excludeCredentials: known(told.excludeCredentials) } }),
  };
  const answer = ({ id, rawId, type, response }) => {
    const said = { clientDataJSON: text(response.clientDataJSON) };
    for (const name of ["authenticatorData", "signature", "userHandle", "attestationObject"]) if (response[name] && !(name === "authenticatorData" && response.attestationObject)) said[name] = text(response[name]);
    if (response.getTransports) said.transports = response.getTransports();
    return JSON.stringify({ id, rawId: text(rawId), type, response: said, clientExtensionResults: {} });
  };
  const give = async (button) => {
    const { form } = button, fault = form.querySelector("[data-passkey-fault]"), at = new URL(form.action).pathname;
    const question = new FormData(form);
    question.set("at", at);
    button.setAttribute("aria-busy", "true");
    fault.hidden = true;
    try {
      const told = await fetch(button.dataset.question, { method: "POST", body: question });
      if (!told.ok || told.redirected) throw new Error(told.status);
      form.elements.passkey.value = answer(await asked[button.dataset.passkey](await told.json()));
      form.submit();
      form.elements.passkey.value = ""; // a form that brings a file stays open; an answer counts once
    } catch {
      fault.hidden = false;
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
  for (const button of document.querySelectorAll("[data-passkey]")) {
    if (!window.PublicKeyCredential || location.origin !== button.dataset.origin) continue;
    button.hidden = false;
    const without = button.form.querySelector("[data-no-passkey]");
    if (without) without.hidden = true;
    button.addEventListener("click", () => give(button));
    if (!button.form.querySelector("button:not([type='button'])")) button.form.addEventListener("submit", (event) => { event.preventDefault(); give(button); });
  }
})();
