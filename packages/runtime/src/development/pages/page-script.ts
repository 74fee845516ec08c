/**
 * The script of the pages for the author. It loads the page again when the project changes, opens the dashboard and the
 * editor, and copies. Browsers run it as it is here.
 */
export const pageScript = `
"use strict";
const { version, repeatable } = document.documentElement.dataset;
const note = document.getElementById("note");
let source;
let timer;
function say(text) {
  note.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => (note.textContent = ""), 8000);
}
function stop() {
  source?.close();
  source = undefined;
}
// A function may change the project each time that it runs. The page must not call it forever.
function mayReload() {
  const now = Date.now();
  const recent = JSON.parse(sessionStorage.getItem("offhook-reloads") ?? "[]").filter((at) => now - at < 10000);
  sessionStorage.setItem("offhook-reloads", JSON.stringify([...recent, now]));
  return recent.length < 8;
}
// A hidden tab holds no connection. When the tab is shown, the first message tells whether the project has changed.
function follow() {
  if (document.hidden) return stop();
  if (source !== undefined) return;
  source = new EventSource("/_offhook/changes");
  source.onmessage = ({ data }) => {
    if (data === version) return;
    stop();
    if (repeatable === "true" && mayReload()) location.reload();
    else document.querySelector("#changed span").hidden = false;
  };
  // The browser tries again by itself, unless the server has refused.
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    stop();
    setTimeout(follow, 1000);
  };
}
document.addEventListener("visibilitychange", follow);
follow();
document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-open], [data-copy]");
  if (target === null) return;
  event.preventDefault();
  const { open, done, copy } = target.dataset;
  try {
    if (copy !== undefined) {
      await navigator.clipboard.writeText(copy);
      return say("Copied.");
    }
    const reply = await fetch("/_offhook/open?" + open, { method: "POST", headers: { "x-offhook-page": "1" } });
    say(reply.ok ? done : await reply.text());
  } catch {
    say(copy === undefined ? "offhook dev does not answer." : "The browser does not allow copying.");
  }
});
`;
