import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";

import type { Body, Header } from "../api.ts";
import { CopyButton } from "./action-button.tsx";
import { bodyKind, formFields, mediaType, readJson, type BodyKind } from "./body-kind.ts";
import { bytesText } from "./figures.ts";
import { JsonTree } from "./json-tree.tsx";
import { LongText } from "./long-text.tsx";
import { PairTable } from "./pair-table.tsx";
import { TwimlPreview } from "./twiml/twiml-preview.tsx";

const names: Readonly<Record<BodyKind, string>> = {
  none: "No body",
  binary: "Binary",
  json: "JSON",
  form: "Form",
  twiml: "TwiML",
  html: "HTML, as text",
  text: "Text",
};

/** Shows a body in a readable form, or raw. */
export function BodyView({
  body,
  headers,
  twiml,
}: {
  readonly body: Body;
  readonly headers: readonly Header[];
  /** Whether TwiML is the reply to a call or to a message, if known. */
  readonly twiml?: "voice" | "messaging" | undefined;
}): VNode {
  const kind = bodyKind(body, headers);
  const [isRaw, setRaw] = useState(false);
  const pretty = useMemo(() => prettyOf(kind, body, twiml), [kind, body.text, twiml]);
  if (kind === "none") return <p class="muted">No body.</p>;
  return (
    <div class="body">
      <div class="body-bar">
        <span class="muted">
          {names[kind]} · {bytesText(body.bytes)}
          {body.isCut && ` (first ${bytesText(body.text.length)} shown)`}
          {kind === "binary" && mediaType(headers) !== "" && ` · ${mediaType(headers)} · shown as base64`}
        </span>
        <span class="grow" />
        {pretty !== undefined && (
          <span class="segments" role="group" aria-label="Show the body">
            <button type="button" aria-pressed={!isRaw} onClick={() => setRaw(false)}>
              {kind === "twiml" ? "Preview" : "Pretty"}
            </button>
            <button type="button" aria-pressed={isRaw} onClick={() => setRaw(true)}>
              Raw
            </button>
          </span>
        )}
        <CopyButton title="Copy the body" text={() => body.text} />
      </div>
      {pretty === undefined || isRaw ? <LongText text={body.text} /> : pretty}
    </div>
  );
}

function prettyOf(kind: BodyKind, body: Body, twiml: "voice" | "messaging" | undefined): VNode | undefined {
  switch (kind) {
    case "json": {
      const json = readJson(body.text);
      return json === undefined ? undefined : <JsonTree value={json.value} />;
    }
    case "form":
      return <PairTable label="Form fields" pairs={formFields(body.text)} />;
    case "twiml":
      return <TwimlPreview text={body.text} {...(twiml !== undefined && { kind: twiml })} />;
    default:
      return undefined;
  }
}
