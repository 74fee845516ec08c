import type { VNode } from "preact";
import { useState } from "preact/hooks";

import type { FunctionInfo } from "../../api.ts";
import { sendKeys } from "../keyboard.ts";
import { FieldList } from "./field-list.tsx";
import { BodyEditor } from "./body-editor.tsx";
import { functionOf, hasBody, hasFields, isDraftSigned, methods, plainKind, type Draft } from "./draft.ts";
import { HeaderList } from "./header-list.tsx";
import { SecretNote } from "./secret-note.tsx";

interface Props {
  readonly draft: Draft;
  readonly functions: readonly FunctionInfo[];
  readonly isBusy: boolean;
  readonly change: (change: Partial<Draft>) => void;
  readonly send: () => void;
}

export function DraftForm({ draft, functions, isBusy, change, send }: Props): VNode {
  const isPlain = draft.kind === plainKind;
  const isSigned = isDraftSigned(draft, functions);
  const isProtected = functionOf(draft.target, functions)?.visibility === "protected";
  return (
    <form
      class="draft"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) send();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        if (!isBusy) send();
      }}
    >
      <div class={`to${isPlain ? " with-method" : ""}`}>
        {isPlain && <Method draft={draft} change={change} />}
        <Target draft={draft} functions={functions} change={change} />
      </div>
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          checked={isSigned}
          onChange={({ currentTarget }) => change({ isSigned: currentTarget.checked })}
        />
        <span>
          Sign as Twilio does
          <small>
            {isProtected
              ? isSigned
                ? "This function is protected and requires a signature."
                : "This function is protected and will reject the request."
              : "This function does not require a signature."}
          </small>
        </span>
      </label>
      {isPlain && <Format draft={draft} change={change} />}
      {hasFields(draft) ? (
        <FieldList draft={draft} change={(fields) => change({ fields })} />
      ) : (
        hasBody(draft.method) && <BodyEditor draft={draft} change={change} />
      )}
      <details class="folded" open={isPlain && draft.headers.length > 0}>
        <summary>{isPlain ? "Headers" : "Method and headers"}</summary>
        {!isPlain && <Method draft={draft} change={change} />}
        <HeaderList draft={draft} change={(headers) => change({ headers })} />
      </details>
      <div class="send-bar">
        <button type="submit" class="button primary" aria-busy={isBusy}>
          {isBusy ? "Sending…" : "Send"}
        </button>
        <kbd>{sendKeys}</kbd>
      </div>
    </form>
  );
}

type PartProps = Pick<Props, "draft" | "change">;

const otherPath = "";

function Target({ draft, functions, change }: PartProps & Pick<Props, "functions">): VNode {
  const callable = functions.filter(({ path }) => path !== undefined);
  const isKnown = callable.some(({ path }) => path === draft.target);
  const [isOther, setOther] = useState(false);
  const isTyped = isOther || !isKnown;
  return (
    <div class="field grow">
      <label class="field">
        <span>Function</span>
        <select
          aria-label="Function"
          value={isTyped ? otherPath : draft.target}
          onChange={({ currentTarget: { value } }) => {
            setOther(value === otherPath);
            if (value !== otherPath) change({ target: value, isSigned: undefined });
          }}
        >
          {callable.map(({ path = "", visibility }) => (
            <option key={path} value={path}>
              {path}
              {visibility === "public" ? "" : `  (${visibility})`}
            </option>
          ))}
          <option value={otherPath}>Another path…</option>
        </select>
      </label>
      {isTyped && (
        <input
          type="text"
          class="mono"
          aria-label="Path and query"
          spellcheck={false}
          value={draft.target}
          onInput={({ currentTarget }) => change({ target: currentTarget.value })}
        />
      )}
      <SecretNote text={draft.target} source={draft.source} />
    </div>
  );
}

function Method({ draft, change }: PartProps): VNode {
  const all = methods.includes(draft.method) ? methods : [...methods, draft.method];
  return (
    <label class="field">
      <span>Method</span>
      <select
        aria-label="Method"
        value={draft.method}
        onChange={({ currentTarget }) => change({ method: currentTarget.value })}
      >
        {all.map((method) => (
          <option key={method} value={method}>
            {method}
          </option>
        ))}
      </select>
    </label>
  );
}

const formats: readonly (readonly [Draft["format"], string])[] = [
  ["form", "Form"],
  ["json-fields", "JSON fields"],
  ["json", "JSON"],
  ["text", "Text"],
];

function Format({ draft, change }: PartProps): VNode {
  return (
    <div class="segments" role="group" aria-label="Body format">
      {formats.map(([format, text]) => (
        <button
          key={format}
          type="button"
          aria-pressed={draft.format === format}
          onClick={() => change(formatChange(draft, format))}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

/** Fields become the first text of a JSON body. */
function formatChange(draft: Draft, format: Draft["format"]): Partial<Draft> {
  const fields = Object.fromEntries(draft.fields.map(({ name, value }) => [name, value]));
  const isEmpty = format !== "json" || draft.body !== "" || draft.fields.length === 0;
  return {
    format,
    ...(!isEmpty && { body: JSON.stringify(fields, undefined, 2) }),
    ...(draft.method === "GET" && format !== "form" && { method: "POST" }),
  };
}
