// What script adds to every page. Without it each link and form does the same, one page at a time.
"use strict";
(() => {
  // Input methods put a letter together in several steps (Telex: a, a → â). Nothing acts before the word stands.
  for (const name of ["input", "keydown", "keyup"]) {
    document.addEventListener(name, (event) => {
      if (event.isComposing) event.stopImmediatePropagation();
    }, true);
  }
  document.addEventListener("compositionend", ({ target }) => {
    target.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });

  // Who changed a page by keyboard or hears it read goes on in the new part, as after a whole page.
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const main = document.getElementById("main");
    if (ctx.select === "#main" && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
  });

  // A session that has ended changes nothing here: lock.js covers the page until somebody has signed in again.
  document.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.status !== 401) return;
    event.preventDefault();
    document.dispatchEvent(new Event("khopso:ended"));
  });

  // A line that is down is said on the page, which stays as it is.
  const away = document.getElementById("away");
  const say = (down) => { away.hidden = !down; };
  document.addEventListener("htmx:error", () => say(true));
  document.addEventListener("htmx:after:request", () => say(false));
  addEventListener("offline", () => say(true));
  addEventListener("online", () => say(false));
})();
