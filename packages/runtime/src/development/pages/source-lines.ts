/** The lines of source around a place, as HTML: with numbers, simple colours, and the failing line marked. */
import { sourceAround, type StackFrame } from "../stack-frames.ts";
import { scrollable } from "./page-frame.ts";
import type { PageText } from "./page-text.ts";

/** Comments, strings, numbers and words. Each line is read alone, so longer comments and templates have no colour. */
const token =
  /(?<c>\/\/.*|\/\*.*?\*\/)|(?<s>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|(?<n>\b\d[\w.]*)|(?<k>\b(?:as|async|await|break|case|catch|class|const|continue|default|delete|do|else|export|extends|false|finally|for|from|function|if|import|in|instanceof|interface|let|new|null|of|return|static|super|switch|this|throw|true|try|type|typeof|undefined|var|void|while|yield)\b)/gu;

/** @returns an empty text if there are no such lines. */
export function sourceBlock(place: Pick<StackFrame, "file" | "line" | "column">, text: PageText): string {
  const lines = sourceAround(place);
  if (lines.length === 0) return "";
  const width = String(lines.at(-1)?.number).length;
  const rows = lines.map(({ number, text: code, isFailing }) => {
    const row = `${String(number).padStart(width)} │ ${coloured(text.masked(code), text)}`;
    if (!isFailing) return `<span>${row}</span>`;
    return `<mark>${row}</mark>${caretRow(code, place.column, width)}`;
  });
  return scrollable("Source", rows.join("")).replace("<pre", '<pre class="source"');
}

/** Points at the column, under the code. Nothing if the column is unknown. */
function caretRow(code: string, column: number, width: number): string {
  if (column < 1 || column > code.length + 1) return "";
  const before = code.slice(0, column - 1).replace(/[^\t]/g, " ");
  return `<span class="caret" aria-hidden="true">${" ".repeat(width)} │ ${before}^</span>`;
}

function coloured(code: string, text: PageText): string {
  let html = "";
  let end = 0;
  for (const match of code.matchAll(token)) {
    const [kind = "k"] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    html += `${text.html(code.slice(end, match.index))}<span class="${kind}">${text.html(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + text.html(code.slice(end));
}
