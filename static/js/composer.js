/* Reply and note are forms with a draft each; the server keeps a draft every three seconds of typing, this browser
   while the server cannot be reached. Sending waits for the connection. */
(() => {
  "use strict";
  const box = document.querySelector("[data-composers]");
  if (!box) return;
  const SAVE_AFTER = 3000;
  const here = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2); /* randomUUID needs a secure origin */
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, text) { try { localStorage.setItem(key, text); } catch { /* private mode */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* private mode */ } },
  };
  const forms = [...box.querySelectorAll("form.composer, form[data-drafted]")];
  const token = () => box.querySelector("[name=csrfmiddlewaretoken]").value;
  const setMode = (mode, focus) => {
    if (!forms.some((form) => form.dataset.mode === mode)) return;
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
    const version = form.querySelector("[name=version]"), conflict = form.querySelector("[data-conflict]");
    const key = `draft ${box.dataset.drafts} ${form.dataset.mode}`;
    form.querySelector("[name=window]").value = here;
    const beside = () => {
      const said = new URLSearchParams();
      form.querySelectorAll("[data-kept]").forEach((field) => { if (field.name !== "version" && (!/^(checkbox|radio)$/.test(field.type) || field.checked)) said.append(field.name, field.value); });
      return said;
    };
    const whole = () => `${area.value}\n${beside()}`;
    let timer = 0, saved = whole(), isSending = false, isSaving = false, other = null;
    const save = async () => {
      timer = 0;
      if (isSending || isSaving || other || whole() === saved) return;
      isSaving = true;
      const text = area.value, asked = whole(), body = beside();
      body.set("mode", form.dataset.mode);
      body.set("text", text);
      body.set("version", version.value);
      try {
        const answer = await fetch(box.dataset.drafts, { method: "POST", headers: { "X-CSRFToken": token() }, body, keepalive: text.length < 20000 }); /* leaving the page must not stop it */
        if (answer.ok) {
          version.value = (await answer.json()).version;
          saved = asked;
          status.textContent = status.dataset.wordSaved;
          store.drop(key);
        } else {
          store.set(key, text);
          if (answer.status === 409) meet(await answer.json());
          else status.textContent = status.dataset.wordFailed;
        }
      } catch {
        status.textContent = status.dataset.wordFailed;
        store.set(key, text);
      }
      isSaving = false;
      if (!other && whole() !== asked && !timer) timer = setTimeout(save, SAVE_AFTER);
    };
    /* Another window has saved its own text: both stay as they are until a person puts them together. */
    const meet = (newer) => {
      if (!newer.text.trim() || newer.text === area.value) { version.value = newer.version; timer = setTimeout(save, 0); return; }
      other = newer;
      status.textContent = status.dataset.wordNewer;
      conflict.querySelector("[data-conflict-text]").textContent = newer.text.slice(0, 160);
      conflict.hidden = false;
    };
    conflict.querySelector("[data-conflict-join]").addEventListener("click", () => {
      area.value = `${area.value.trimEnd()}\n\n${other.text}`;
      version.value = other.version;
      other = null;
      conflict.hidden = true;
      area.focus();
      save();
    });
    const fill = form.querySelector("[data-fill-asks]");
    if (fill) {
      fill.type = "button"; /* else Enter in a field of this form would press it */
      fill.addEventListener("click", () => {
        const asks = form.elements.asks, there = new Set(asks.value.split("\n").map((line) => line.trim()));
        const more = form.elements.ask_list.selectedOptions[0].dataset.lines.split("\n").filter((line) => !there.has(line));
        asks.value = [...(asks.value.trim() ? [asks.value.trimEnd()] : []), ...more].join("\n");
        asks.rows = Math.min(12, asks.value.split("\n").length + 1);
        asks.dispatchEvent(new Event("input", { bubbles: true }));
        asks.focus();
      });
    }
    const later = () => { status.textContent = ""; if (!timer) timer = setTimeout(save, SAVE_AFTER); };
    area.addEventListener("input", later);
    form.addEventListener("input", (event) => { if (event.target.matches("[data-kept]")) later(); });
    form.addEventListener("change", (event) => { if (event.target.matches("[data-kept]")) later(); });
    form.addEventListener("composer:changed", later);
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
