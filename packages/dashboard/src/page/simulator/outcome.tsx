import type { VNode } from "preact";

import type { SendResult } from "../../api.ts";
import { BodyView } from "../body-view.tsx";
import { twimlKind } from "../body-kind.ts";
import { hashOf } from "../hash-route.ts";
import { PairTable } from "../pair-table.tsx";
import { RequestLine } from "../requests/request-line.tsx";
import { StatusBadge } from "../status-badge.tsx";
import { visibleText } from "../visible-text.ts";
import type { Draft } from "./draft.ts";

export type SentState =
  | { readonly state: "none" | "busy" }
  /** With the draft at that time. The form may have changed since. */
  | { readonly state: "failed"; readonly message: string; readonly draft: Draft }
  | { readonly state: "sent"; readonly sent: SendResult; readonly draft: Draft };

interface Props {
  readonly outcome: SentState;
  /** Whether the form has changed since the request was sent. */
  readonly isStale: boolean;
}

/** The reply to the request that was sent. */
export function Outcome({ outcome, isStale }: Props): VNode {
  switch (outcome.state) {
    case "none":
      return <p class="muted">The reply appears here.</p>;
    case "busy":
      return <p class="muted">Waiting for the reply…</p>;
    case "failed":
      return isStale ? (
        <p class="muted">The reply appears here.</p>
      ) : (
        <p class="failure" role="alert">
          {outcome.message}
        </p>
      );
    case "sent":
      return <Reply sent={outcome.sent} draft={outcome.draft} isStale={isStale} />;
    default:
      return outcome satisfies never;
  }
}

function Reply({
  sent,
  draft,
  isStale,
}: Pick<Extract<SentState, { state: "sent" }>, "sent" | "draft"> & Pick<Props, "isStale">): VNode {
  const { id, status, headers, body, cookies } = sent;
  const fields = Object.fromEntries(draft.fields.map(({ name, value }) => [name, value]));
  return (
    <div key={id}>
      <div class="part-head">
        <h3>
          Reply
          {isStale && (
            <>
              {" "}
              <span class="mark">Reply to an earlier draft</span>
            </>
          )}
        </h3>
        <StatusBadge status={status} />
      </div>
      <BodyView body={body} headers={headers} twiml={twimlKind(fields)} />
      {cookies.length > 0 && (
        <>
          <h4>Cookies</h4>
          <ul class="plain">
            {cookies.map((cookie) => (
              <li key={cookie}>
                <code>{visibleText(cookie)}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      <details class="folded">
        <summary>Headers ({headers.length})</summary>
        <PairTable label="Reply headers" pairs={headers} />
      </details>
      <p class="see">
        <RequestLine id={id} />
        <a href={hashOf({ view: "requests", id })}>Show the full request</a>
      </p>
    </div>
  );
}
