import type { VNode } from "preact";
import { useState } from "preact/hooks";

import { visibleText } from "./visible-text.ts";

const openDepth = 2;
/** Objects with at most this many entries are unfolded to a greater depth. */
const fewEntries = 10;
const openDepthOfFew = 4;
const childrenAtFirst = 100;
const charactersAtFirst = 1000;

/** A JSON value as a tree, folded at depth. Folded parts are not in the document. */
export function JsonTree({ value }: { readonly value: unknown }): VNode {
  return (
    <div class="json">
      <JsonNode value={value} depth={0} />
    </div>
  );
}

interface NodeProps {
  readonly name?: string;
  readonly value: unknown;
  readonly depth: number;
}

function JsonNode({ name, value, depth }: NodeProps): VNode {
  const isList = Array.isArray(value);
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return <Branch {...(name !== undefined && { name })} entries={entries} isList={isList} depth={depth} />;
  }
  return (
    <div class="json-leaf">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({
  name,
  entries,
  isList,
  depth,
}: {
  readonly name?: string;
  readonly entries: readonly (readonly [string, unknown])[];
  readonly isList: boolean;
  readonly depth: number;
}): VNode {
  const isFew = entries.length <= fewEntries;
  const [isOpen, setOpen] = useState(depth < (isFew ? openDepthOfFew : openDepth));
  const [shown, setShown] = useState(childrenAtFirst);
  const [opening, closing] = isList ? ["[", "]"] : ["{", "}"];
  const count = `${entries.length} ${isList ? "items" : "fields"}`;
  if (entries.length === 0) {
    return (
      <div class="json-leaf">
        <Name name={name} />
        {opening}
        {closing}
      </div>
    );
  }
  return (
    <details class="json-branch" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Name name={name} />
        {opening}
        {!isOpen && (
          <span class="muted">
            {" "}
            {count} {closing}
          </span>
        )}
      </summary>
      {isOpen && (
        <>
          <div class="json-children">
            {entries.slice(0, shown).map(([key, each]) => (
              <JsonNode
                key={key}
                {...(!isList && { name: key })}
                value={each}
                depth={isFew ? depth + 1 : openDepthOfFew}
              />
            ))}
            {entries.length > shown && (
              <button type="button" class="button small" onClick={() => setShown(shown + childrenAtFirst)}>
                Show {entries.length - shown} more
              </button>
            )}
          </div>
          <div>{closing}</div>
        </>
      )}
    </details>
  );
}

function Name({ name }: { readonly name: string | undefined }): VNode | null {
  return name === undefined ? null : <span class="json-name">{visibleText(name)}: </span>;
}

/** A stack as the value of a field is easier to read with its line breaks. */
function withLineBreaks(json: string): string {
  return json.replace(/\\(?:r\\n|[^])/g, (escape) => (escape === "\\n" || escape === "\\r\\n" ? "\n" : escape));
}

function Leaf({ value }: { readonly value: unknown }): VNode {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== "string") return <span class="json-word">{String(value)}</span>;
  const isLong = value.length > charactersAtFirst && !isWhole;
  return (
    <>
      <span class={value.includes("\n") ? "json-text json-lines" : "json-text"}>
        {visibleText(withLineBreaks(JSON.stringify(isLong ? value.slice(0, charactersAtFirst) : value)))}
      </span>
      {isLong && (
        <button type="button" class="button small" onClick={() => setWhole(true)}>
          Show all {value.length} characters
        </button>
      )}
    </>
  );
}
