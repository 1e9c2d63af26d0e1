/* Reply and note are two forms with a draft each; the server keeps a draft every three seconds of typing, this browser
   while the server cannot be reached. Sending waits for the connection. */
(() => {
  "use strict";
  const box = document.querySelector("[data-composers]");
  if (!box) return;
  const SAVE_AFTER = 3000;
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, text) { try { localStorage.setItem(key, text); } catch { /* private mode */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* private mode */ } },
  };
  const forms = [...box.querySelectorAll("form.composer")];
  const token = () => box.querySelector("[name=csrfmiddlewaretoken]").value;
  const setMode = (mode, focus) => {
    box.dataset.mode = mode;
    forms.forEach((form) => form.toggleAttribute("data-folded", form.dataset.mode !== mode));
    const area = focus && forms.find((form) => form.dataset.mode === mode)?.querySelector("textarea");
    if (area) { area.focus(); area.setSelectionRange(area.value.length, area.value.length); }
  };
  box.addEventListener("click", (event) => {
    const link = event.target.closest("[data-set-mode]");
    if (link) { event.preventDefault(); setMode(link.dataset.setMode, true); }
  });
  document.addEventListener("desk:mode", (event) => setMode(event.detail, true));

  const close = (isClosed) => box.querySelectorAll(".composer__bar .btn").forEach((button) => { if (isClosed) button.setAttribute("aria-disabled", "true"); else button.removeAttribute("aria-disabled"); });
  document.addEventListener("desk:lost", () => close(true));
  document.addEventListener("desk:restored", () => close(false));

  forms.forEach((form) => {
    const area = form.querySelector("textarea"), status = form.querySelector("[data-saved]");
    const key = `draft ${box.dataset.drafts} ${form.dataset.mode}`;
    let timer = 0, saved = area.value, isSending = false, isSaving = false;
    const save = async () => {
      timer = 0;
      if (isSending || isSaving || area.value === saved) return;
      isSaving = true;
      const text = area.value;
      try {
        const answer = await fetch(box.dataset.drafts, {
          method: "POST",
          headers: { "X-CSRFToken": token() },
          body: new URLSearchParams({ mode: form.dataset.mode, text, version: area.dataset.version }),
        });
        if (answer.ok) {
          area.dataset.version = (await answer.json()).version;
          saved = text;
          status.textContent = status.dataset.wordSaved;
          store.drop(key);
        } else {
          status.textContent = answer.status === 409 ? status.dataset.wordNewer : status.dataset.wordFailed;
          store.set(key, text);
        }
      } catch {
        status.textContent = status.dataset.wordFailed;
        store.set(key, text);
      }
      isSaving = false;
      if (area.value !== text && !timer) timer = setTimeout(save, SAVE_AFTER);
    };
    area.addEventListener("input", () => { status.textContent = ""; if (!timer) timer = setTimeout(save, SAVE_AFTER); });
    area.addEventListener("blur", save);
    const kept = store.get(key); /* typed when the server could not be reached, so newer than what it has */
    if (kept !== null && kept !== area.value) {
      area.value = kept;
      status.textContent = status.dataset.wordKept;
      timer = setTimeout(save, SAVE_AFTER);
    }
    document.addEventListener("desk:restored", save);
    form.addEventListener("submit", (event) => {
      if ("offline" in document.documentElement.dataset) { event.preventDefault(); status.textContent = status.dataset.wordOffline; return; }
      if (isSending) { event.preventDefault(); return; }
      isSending = true;
      store.drop(key);
      (event.submitter || form.querySelector(".btn")).setAttribute("aria-busy", "true");
    });
    addEventListener("pageshow", () => { isSending = false; form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy")); });
  });
})();
