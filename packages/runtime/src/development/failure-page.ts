/**
 * The page that an author sees in the browser when a function fails: the error, its place, the request and the
 * function's output. Strangers must not see it.
 */
import { entryOf } from "../errors.ts";
import type { OutputLine } from "../observe/invocation-output.ts";
import { redactHeaders, redactTarget } from "../observe/redaction.ts";
import type { Diagnosis, FailedOutcome } from "../pool/invocation.ts";
import type { Exchange } from "../gateway/exchange.ts";
import type { Hint } from "./insight/facts.ts";
import { framesOf, sourceAround, type StackFrame } from "./stack-frames.ts";

/** After a timeout there is no error. These diagnoses then say where the invocation was. */
const whereItWas = ["ended", "waiting", "computing"] as const;

type FramePlace = Pick<StackFrame, "file" | "line" | "column">;

export interface PageParts {
  /** The project's folder. */
  readonly folder: string;
  readonly hints: readonly Hint[];
  readonly diagnoses: readonly Diagnosis[];
  /** Output of the invocation. */
  readonly output: readonly OutputLine[];
}

/**
 * @returns a self-contained page, in which no script runs.
 */
export function failurePage(
  exchange: Exchange,
  { code, error, detail }: FailedOutcome,
  { folder, hints, diagnoses, output }: PageParts,
): string {
  const { message, next } = entryOf(code);
  const title = error === undefined ? message : `${error.name}: ${error.message}`;
  const stacks = whereItWas.map((state) => diagnoses.find((each) => each.state === state)?.stacks[0]);
  const stack = error?.stack ?? stacks.find((each) => each !== undefined);
  const frames = stack === undefined ? [] : framesOf(stack, folder);
  const ownFrames = frames.filter(({ isInProject }) => isInProject);
  const first = hints.find((hint) => hint.place !== undefined)?.place ?? ownFrames[0];
  return page(title, [
    `<p class="what">${escaped(exchange.request.method ?? "")} ${escaped(exchange.path)} · ${escaped(message)} · ${code}</p>`,
    `<h1>${escaped(title)}</h1>`,
    ...hints.map((hint) => hintBlock(hint, folder)),
    ...(first === undefined ? [] : [place(first, folder), frame(first)]),
    ...(detail === undefined ? [] : [`<pre>${escaped(detail)}</pre>`]),
    `<p class="next">${escaped(next)}</p>`,
    ...origin(ownFrames, frames, folder),
    ...section("Output", output.length === 0 ? "<p>No output.</p>" : outputBlock(output)),
    ...section("Request", request(exchange)),
  ]);
}

function hintBlock({ text, place: at }: Hint, folder: string): string {
  const where =
    at === undefined ? "" : ` <span class="place">${escaped(relative(at.file, folder))}:${at.line}:${at.column}</span>`;
  return `<p class="hint">${escaped(text)}${where}</p>`;
}

function place({ file = "", line, column }: FramePlace, folder: string): string {
  return `<p class="place">${escaped(relative(file, folder))}:${line}:${column}</p>`;
}

function frame(first: FramePlace): string {
  const lines = sourceAround(first);
  if (lines.length === 0) return "";
  const width = String(lines.at(-1)?.number).length;
  const rows = lines.map(({ number, text, isFailing }) => {
    const row = `${String(number).padStart(width)} │ ${escaped(text)}`;
    return isFailing ? `<mark>${row}</mark>` : row;
  });
  return `<pre>${rows.join("\n")}</pre>`;
}

function origin(ownFrames: readonly StackFrame[], all: readonly StackFrame[], folder: string): string[] {
  if (all.length === 0) return [];
  const list = (frames: readonly StackFrame[]): string =>
    `<ol>${frames.map(({ text }) => `<li>${escaped(text.replaceAll(`${folder}/`, ""))}</li>`).join("")}</ol>`;
  const others = all.filter(({ isInProject }) => !isInProject);
  const folded = `<details><summary>${others.length} more, outside the project</summary>${list(others)}</details>`;
  return section("Stack trace", (ownFrames.length > 0 ? list(ownFrames) : "") + (others.length > 0 ? folded : ""));
}

function outputBlock(output: readonly OutputLine[]): string {
  const lines = output.map(
    ({ level, text }) => `<span class="${level}">${level.padEnd(5)} ${escaped(text.trimEnd())}</span>`,
  );
  return `<pre>${lines.join("\n")}</pre>`;
}

function request({ request: { method = "", rawHeaders }, target, requestId }: Exchange): string {
  const shown = [`${method} ${redactTarget(target)}`, ...redactHeaders(rawHeaders)];
  return `<pre>${escaped(shown.join("\n"))}</pre><p>${escaped(requestId)}</p>`;
}

function section(title: string, content: string): string[] {
  return [`<h2>${title}</h2>`, content];
}

function relative(file: string, folder: string): string {
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
}

function page(title: string, content: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body><main>
${content.join("\n")}
</main></body>
</html>
`;
}

const style = `
:root { color-scheme: light dark; --line: #8884; --mark: #f5c5004d; --bad: #c4314b; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; color: var(--bad); overflow-wrap: anywhere; white-space: pre-wrap; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
pre, ol, .place { font: 14px/1.5 ui-monospace, monospace; }
pre { border: 1px solid var(--line); border-radius: 4px; padding: .75rem; overflow-x: auto; margin: .25rem 0; }
mark { background: var(--mark); color: inherit; display: inline-block; min-width: 100%; }
ol { padding-left: 2rem; margin: .25rem 0; overflow-wrap: anywhere; }
.hint { border-left: 3px solid var(--mark); padding-left: .75rem; margin: .5rem 0; overflow-wrap: anywhere; }
.what, .place { margin: 0; opacity: .8; }
.next { margin: .75rem 0; }
.warn, .error { color: var(--bad); }
`;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** All content of the page comes from strangers, or from code that handles their data. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
