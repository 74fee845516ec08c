import type { VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";

import type { Draft } from "./draft.ts";
import { formattedJson, jsonFault, type JsonFault } from "./json-text.ts";
import { SecretNote } from "./secret-note.tsx";

interface Props {
  readonly draft: Draft;
  readonly change: (change: Partial<Draft>) => void;
}

const minRows = 8;
const maxRows = 24;

/** The text of a body. JSON is checked while the user types. */
export function BodyEditor({ draft, change }: Props): VNode {
  const { body, format, source } = draft;
  const isJson = format === "json";
  const area = useRef<HTMLTextAreaElement>(null);
  const fault = useMemo(() => (isJson && body.trim() !== "" ? jsonFault(body) : undefined), [isJson, body]);
  const canFormat = isJson && body.trim() !== "" && fault === undefined;
  return (
    <div class="field">
      <div class="body-head">
        <label for="draft-body">Body</label>
        {isJson && (
          <button
            type="button"
            class="button quiet small"
            disabled={!canFormat}
            onClick={() => change({ body: formattedJson(body) })}
          >
            Format
          </button>
        )}
      </div>
      <textarea
        ref={area}
        id="draft-body"
        class="code"
        rows={Math.min(maxRows, Math.max(minRows, body.split("\n").length + 1))}
        spellcheck={false}
        autocapitalize="off"
        value={body}
        aria-invalid={fault !== undefined}
        aria-describedby="draft-body-state"
        onInput={({ currentTarget }) => change({ body: currentTarget.value })}
      />
      <p id="draft-body-state" class="body-state" role="status">
        {fault !== undefined && <Fault fault={fault} show={() => select(area.current, fault)} />}
      </p>
      <SecretNote text={body} source={source} />
    </div>
  );
}

function Fault({ fault, show }: { readonly fault: JsonFault; readonly show: () => void }): VNode {
  return (
    <>
      <button type="button" class="link" title="Go to this place" onClick={show}>
        {fault.line}:{fault.column}
      </button>{" "}
      <span class="failure">{fault.text}</span>
    </>
  );
}

function select(area: HTMLTextAreaElement | null, { offset }: JsonFault): void {
  area?.focus();
  area?.setSelectionRange(offset, offset + 1);
}
