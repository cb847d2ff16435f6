// The end of a session: said two minutes before it comes, and then the page is covered, with everything typed still on it.
"use strict";
(() => {
  const EVERY_MS = 30_000, LOCKED_MS = 2_000, WARN_SECONDS = 120;
  const lock = document.getElementById("lock");
  const ending = document.getElementById("ending");
  const unlock = document.getElementById("unlock");
  const fault = document.getElementById("unlock-fault");
  let worked = false;
  let waiting;

  const look = async () => {
    clearTimeout(waiting);
    // Typing and pointing is work, as following a link is; to leave a page open is not.
    const method = worked && !lock.open ? "POST" : "GET";
    worked = false;
    const answer = await fetch("/session", { method, cache: "no-store" }).catch(() => null);
    if (answer?.status === 401) cover((await answer.json().catch(() => null))?.pin);
    if (answer?.ok) goOn(await answer.json());
    waiting = setTimeout(look, lock.open ? LOCKED_MS : EVERY_MS);
  };

  const goOn = ({ subject, seconds }) => {
    // Somebody else has signed in meanwhile: this page is not his.
    if (subject !== lock.dataset.subject) location.replace("/");
    else if (lock.open) lock.close();
    ending.hidden = seconds > WARN_SECONDS;
  };

  // The server has locked the session; its PIN, where it has one, opens it there, and with it this page.
  const cover = (pin) => {
    ending.hidden = true;
    unlock.hidden = !pin;
    if (!lock.open) {
      fault.textContent = "";
      lock.showModal();
    }
  };

  unlock.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(unlock));
    unlock.reset();
    const headers = { Accept: "application/json" };
    const answer = await fetch("/unlock", { method: "POST", headers, body }).catch(() => null);
    if (answer?.ok) goOn(await answer.json());
    else if (answer?.status === 403) fault.textContent = (await answer.json()).text;
    else look();
  });

  for (const name of ["input", "pointerdown", "keydown"]) {
    document.addEventListener(name, () => { worked = true; }, { capture: true, passive: true });
  }
  ending.querySelector("button").addEventListener("click", () => { worked = true; look(); });
  // What covers the page goes by signing in or by the PIN alone.
  lock.addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  document.addEventListener("khopso:ended", () => { cover(!unlock.hidden); look(); });
  waiting = setTimeout(look, EVERY_MS);
})();
