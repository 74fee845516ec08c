import type { VNode } from "preact";
import { useState } from "preact/hooks";

import type { LogLine } from "../../api.ts";
import { clockText } from "../figures.ts";
import { visibleText } from "../visible-text.ts";

const linesAtFirst = 200;

export function LogLines({ lines }: { readonly lines: readonly LogLine[] }): VNode {
  const [shown, setShown] = useState(linesAtFirst);
  if (lines.length === 0) return <p class="muted">No output.</p>;
  return (
    <>
      <ol class="log">
        {lines.slice(0, shown).map(({ at, level, text }, index) => (
          <li key={index} class={level}>
            <time>{clockText(at)}</time>
            <span class="level">{level}</span>
            <span class="value">{visibleText(text)}</span>
          </li>
        ))}
      </ol>
      {lines.length > shown && (
        <button type="button" class="button small" onClick={() => setShown(lines.length)}>
          Show {lines.length - shown} more
        </button>
      )}
    </>
  );
}
