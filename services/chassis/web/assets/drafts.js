// Keeps what is typed into a form with data-draft on the server, beside the typing. Without this script a button does it.
"use strict";

(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const told = form.querySelector("[data-draft-told]");
  const pause = 3000;
  let timer = 0;
  let composing = false;
  let changed = false;
  let sending = null;

  const say = (text) => {
    if (told && told.textContent !== text) told.textContent = text;
  };

  const send = async (leaving) => {
    clearTimeout(timer);
    // A half composed word is not what was meant; the end of the composition comes back here.
    if (!changed || composing || sending) return;
    changed = false;
    sending = new AbortController();
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        headers: { Accept: "text/plain" },
        body: new URLSearchParams(new FormData(form)),
        keepalive: leaving,
        redirect: "error",
        signal: sending.signal,
      });
      if (answer.status === 401) document.dispatchEvent(new Event("khopso:ended"));
      if (!answer.ok) throw new Error(String(answer.status));
      say(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") {
        changed = true;
        say(form.dataset.draftFailed);
      }
    } finally {
      sending = null;
      if (changed) later();
    }
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => send(false), pause);
  };

  const typed = () => {
    changed = true;
    later();
  };

  form.addEventListener("compositionstart", () => {
    composing = true;
  });
  form.addEventListener("compositionend", () => {
    composing = false;
    typed();
  });
  form.addEventListener("input", typed);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") send(true);
  });
  // What is saved needs no draft: the server refuses one that comes after it.
  form.addEventListener("submit", () => {
    changed = false;
    clearTimeout(timer);
    if (sending) sending.abort();
  });
})();
