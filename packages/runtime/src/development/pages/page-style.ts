/** The style of the pages for the author. Colours and sizes are those of the dashboard (`base.css` there). */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f7f7f5; --surface: #fff; --sunken: #f1f1ee; --line: #e2e2dd; --line-strong: #8c8d87;
  --text: #1d1e20; --muted: #5d6066; --accent: #1d56c9; --accent-text: #fff;
  --good: #17703f; --warn: #855200; --warn-soft: #fcf3e0; --bad: #b0261c; --bad-soft: #fdeeec;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131416; --surface: #1a1b1e; --sunken: #222428; --line: #303339; --line-strong: #7d828b;
    --text: #e6e7ea; --muted: #a0a5ae; --accent: #85adff; --accent-text: #0d1830;
    --good: #62cf93; --warn: #ecb25c; --warn-soft: #33291a; --bad: #ff8f85; --bad-soft: #3a1f1d;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; font: 15px/1.55 var(--sans); background: var(--ground); color: var(--text); -webkit-text-size-adjust: 100%; }
h1, h2, p, ol, ul, pre { margin: 0; padding: 0; }
header { display: flex; align-items: center; gap: .5rem; min-height: 46px; padding: 0 1.25rem; border-bottom: 1px solid var(--line); background: var(--surface); }
header span { padding-left: .75rem; border-left: 1px solid var(--line-strong); color: var(--muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
main { max-width: 60rem; margin: 0 auto; padding: 1.75rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
.what:has(.bad) + h1 { color: var(--bad); }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; font-weight: 600; }
code, pre, kbd, .place, .frames { font-family: var(--mono); font-size: .875rem; }
code { overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.what { margin-bottom: .4rem; color: var(--muted); overflow-wrap: anywhere; }
.lead { margin-top: .6rem; overflow-wrap: anywhere; }
.next, .quiet { margin-top: .75rem; color: var(--muted); overflow-wrap: anywhere; }
.next { color: var(--text); }
.status { padding: .05rem .45rem; border-radius: 9px; background: var(--warn-soft); color: var(--warn); font-size: .85rem; font-weight: 600; }
.status.bad { background: var(--bad-soft); color: var(--bad); }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin-top: 1.1rem; }
.button { display: inline-flex; align-items: center; min-height: 34px; padding: 0 .8rem; border: 1px solid var(--line-strong); border-radius: 6px; background: var(--surface); color: var(--text); font: inherit; text-decoration: none; white-space: nowrap; cursor: pointer; }
.button:hover { border-color: var(--text); }
.button.primary { border-color: var(--accent); background: var(--accent); color: var(--accent-text); font-weight: 600; }
.button.small { min-height: 26px; padding: 0 .5rem; font-size: .85rem; }
.link { padding: 0; border: 0; background: none; color: var(--accent); text-align: left; text-decoration: underline; text-underline-offset: .2em; overflow-wrap: anywhere; cursor: pointer; }
.at { margin-top: 1.25rem; }
.hint { margin-top: .9rem; padding: .6rem .9rem; border-left: 3px solid var(--warn); border-radius: 0 6px 6px 0; background: var(--warn-soft); overflow-wrap: anywhere; }
.hint p + p { margin-top: .5rem; }
pre { margin-top: .4rem; padding: .75rem .9rem; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); overflow-x: auto; line-height: 1.6; tab-size: 4; }
.source { padding: .6rem 0; }
.source > span { display: block; width: max-content; min-width: 100%; padding: 0 .9rem; }
mark { display: block; width: max-content; min-width: 100%; padding: 0 .9rem 0 calc(.9rem - 3px); border-left: 3px solid var(--bad); background: var(--bad-soft); color: inherit; }
.k { color: var(--accent); } .s { color: var(--good); } .c { color: var(--muted); font-style: italic; } .n { color: var(--warn); }
mark .c { color: inherit; }
.source > .caret { border-left: 3px solid var(--bad); padding-left: calc(.9rem - 3px); background: var(--bad-soft); color: var(--bad); font-weight: 700; }
.frames { padding-left: 1.4rem; overflow-wrap: anywhere; }
.frames li { padding: .1rem 0; }
details { margin-top: .4rem; } summary { width: fit-content; color: var(--muted); cursor: pointer; }
.warn { color: var(--warn); } .error { color: var(--bad); }
.notice { margin-bottom: 1rem; }
.notice:not(:has(span:not([hidden]))) { margin: 0; }
.notice span { display: block; padding: .5rem .9rem; border-radius: 6px; background: var(--warn-soft); }
.resources { border: 1px solid var(--line); border-radius: 6px; background: var(--surface); list-style: none; }
.resources li { display: flex; flex-wrap: wrap; align-items: center; gap: .35rem .75rem; min-height: 44px; padding: .35rem .9rem; }
.resources li + li { border-top: 1px solid var(--line); }
.resources .path { flex: 1 1 12rem; min-width: 0; font-family: var(--mono); font-size: .9rem; overflow-wrap: anywhere; }
.tag { padding: 0 .45rem; border-radius: 9px; background: var(--warn-soft); color: var(--warn); font-size: .8rem; white-space: nowrap; }
.tag.private { background: var(--sunken); color: var(--muted); }
.address { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .6rem; margin-top: .5rem; }
.actions .what { margin: 0; }
#note { position: fixed; right: 1rem; bottom: 1rem; max-width: min(28rem, calc(100vw - 2rem)); padding: .6rem .9rem; border-radius: 6px; background: var(--text); color: var(--ground); overflow-wrap: anywhere; }
#note:empty { display: none; }
@media (max-width: 640px) { main { padding: 1.25rem 1rem 3rem; } header { padding: 0 1rem; } h1 { font-size: 1.25rem; } }
`;
