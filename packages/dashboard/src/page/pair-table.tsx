import type { VNode } from "preact";
import { useState } from "preact/hooks";

import { CopyButton } from "./action-button.tsx";
import { JsonTree } from "./json-tree.tsx";
import { visibleText } from "./visible-text.ts";

const rowsAtFirst = 60;
const charactersAtFirst = 2000;

/** Names and values, such as headers or the fields of an event. Each value can be copied. */
export function PairTable({
  pairs,
  label,
}: {
  readonly pairs: readonly (readonly [name: string, value: unknown])[];
  readonly label: string;
}): VNode {
  const [shown, setShown] = useState(rowsAtFirst);
  return (
    <>
      <table class="pairs" aria-label={label}>
        <tbody>
          {pairs.slice(0, shown).map(([name, value], index) => (
            <tr key={`${index} ${name}`}>
              <th scope="row">{visibleText(name)}</th>
              <td>
                <Value value={value} />
              </td>
              <td class="copy">
                <CopyButton
                  title={`Copy ${visibleText(name)}`}
                  text={() => (typeof value === "string" ? value : JSON.stringify(value, undefined, 2))}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pairs.length > shown && (
        <button type="button" class="button small" onClick={() => setShown(pairs.length)}>
          {pairs.length - shown} more
        </button>
      )}
    </>
  );
}

function Value({ value }: { readonly value: unknown }): VNode {
  const [isWhole, setWhole] = useState(false);
  if (typeof value === "object" && value !== null) return <JsonTree value={value} />;
  const text = String(value);
  if (text === "") return <span class="muted">empty</span>;
  const isLong = text.length > charactersAtFirst && !isWhole;
  return (
    <>
      <span class="value">{visibleText(isLong ? text.slice(0, charactersAtFirst) : text)}</span>
      {isLong && (
        <button type="button" class="button small" onClick={() => setWhole(true)}>
          Show all {text.length} characters
        </button>
      )}
    </>
  );
}
