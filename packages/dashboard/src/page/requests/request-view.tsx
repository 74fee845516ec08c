import type { ComponentChildren, VNode } from "preact";

import type { Exchange } from "../../api.ts";
import { CopyButton } from "../action-button.tsx";
import { bodyKind, twimlKind } from "../body-kind.ts";
import { BodyView } from "../body-view.tsx";
import { clockText, counted, dayText, durationText } from "../figures.ts";
import { FileLink } from "../file-link.tsx";
import { PairTable } from "../pair-table.tsx";
import { StatusBadge } from "../status-badge.tsx";
import { visibleText } from "../visible-text.ts";
import { LogLines } from "./log-lines.tsx";
import { PhaseChart } from "./phase-chart.tsx";
import { ProblemBadge } from "./reply-problems.tsx";
import { RequestActions } from "./request-actions.tsx";
import { Trouble } from "./trouble.tsx";

/** All details of one request, the most important first. */
export function RequestView({ exchange }: { readonly exchange: Exchange }): VNode {
  const { request, reply, phases, logs } = exchange;
  const event = Object.entries(request.event);
  return (
    <>
      <header class="detail-head">
        <h2 tabIndex={-1}>
          <span class="method">{visibleText(exchange.method)}</span>{" "}
          <span class="target">{visibleText(request.target)}</span>
        </h2>
        <p class="facts">
          <StatusBadge status={exchange.status} />
          <ProblemBadge problems={exchange.problems} />
          <Facts exchange={exchange} />
        </p>
        {exchange.label !== undefined && <p class="label">{visibleText(exchange.label)}</p>}
        {exchange.status !== undefined && <RequestActions exchange={exchange} />}
      </header>
      <Trouble exchange={exchange} />
      <Part title="Reply">
        {reply === undefined ? (
          <p class="muted">No reply yet.</p>
        ) : (
          <>
            <FoldedIf isFolded={isErrorPage(exchange, reply)} title="The error page that the browser shows">
              <BodyView body={reply.body} headers={reply.headers} twiml={twimlKind(request.event)} />
            </FoldedIf>
            <Folded title={`Reply headers (${reply.headers.length})`}>
              <PairTable label="Reply headers" pairs={reply.headers} />
            </Folded>
          </>
        )}
      </Part>
      <Part title={logs.length === 0 ? "Log" : `Log (${logs.length})`}>
        <LogLines lines={logs} />
      </Part>
      <Part
        title="Event"
        beside={
          event.length > 0 && (
            <CopyButton title="Copy the event as JSON" text={() => JSON.stringify(request.event, undefined, 2)}>
              Copy as JSON
            </CopyButton>
          )
        }
      >
        {event.length === 0 ? (
          <p class="muted">
            {exchange.status === undefined
              ? "The fields of the body appear when the request has ended."
              : noFields(request)}
          </p>
        ) : (
          <PairTable label="Fields of the event" pairs={event} />
        )}
      </Part>
      {phases.length > 0 && (
        <Part title="Time">
          <PhaseChart phases={phases} />
        </Part>
      )}
      {exchange.status !== undefined && (
        <Part title="Request">
          {request.unreadBody === undefined ? (
            <BodyView body={request.body} headers={request.headers} />
          ) : (
            <p class="muted">The body was not read: {request.unreadBody}.</p>
          )}
          <Folded title={`Request headers (${request.headers.length})`}>
            <PairTable label="Request headers" pairs={request.headers} />
          </Folded>
        </Part>
      )}
    </>
  );
}

function noFields({ unreadBody, body }: Exchange["request"]): string {
  if (unreadBody !== undefined) return "No fields in the query. The body was not read.";
  return body.bytes > 0
    ? "No fields in the query, and none could be read from the body."
    : "No fields in the query or the body.";
}

function Facts({ exchange }: { readonly exchange: Exchange }): VNode {
  const { startedAt, durationMs, isolate, origin, request, file, id } = exchange;
  return (
    <>
      {durationMs !== undefined && <span>{durationText(durationMs)}</span>}
      <time dateTime={new Date(startedAt).toISOString()}>
        {dayText(startedAt)} {clockText(startedAt)}
      </time>
      {origin !== "client" && <span>{origin === "replay" ? "a replay" : "sent from this page"}</span>}
      {exchange.isCold === true && <span class="mark cold">cold start</span>}
      {request.signature !== undefined && (
        <span class={request.signature === "valid" ? "" : "mark warn"}>signature {request.signature}</span>
      )}
      {isolate !== undefined && (
        <span>
          isolate {isolate.pid}, {ordinal(isolate.invocation)} invocation
        </span>
      )}
      {file !== undefined && <FileLink file={file} />}
      <CopyButton class="link id" title="Copy the id" text={() => id}>
        {visibleText(`${id.slice(0, 8)}…`)}
      </CopyButton>
      {exchange.lines > exchange.logs.length && (
        <span>{counted(exchange.lines - exchange.logs.length, "more log line")} not kept</span>
      )}
    </>
  );
}

function ordinal(figure: number): string {
  const isTeen = Math.floor(figure / 10) % 10 === 1;
  return `${figure}${(isTeen ? undefined : ({ 1: "st", 2: "nd", 3: "rd" } as Record<number, string>)[figure % 10]) ?? "th"}`;
}

function Part({
  title,
  beside,
  children,
}: {
  readonly title: string;
  readonly beside?: ComponentChildren;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <section class="part">
      <div class="part-head">
        <h3>{title}</h3>
        {beside}
      </div>
      {children}
    </section>
  );
}

/** The page of `offhook dev` for a failure. It says the same as this view. */
function isErrorPage({ explanation }: Exchange, reply: NonNullable<Exchange["reply"]>): boolean {
  return explanation !== undefined && bodyKind(reply.body, reply.headers) === "html";
}

function FoldedIf({
  isFolded,
  title,
  children,
}: {
  readonly isFolded: boolean;
  readonly title: string;
  readonly children: ComponentChildren;
}): VNode {
  return isFolded ? <Folded title={title}>{children}</Folded> : <>{children}</>;
}

function Folded({ title, children }: { readonly title: string; readonly children: ComponentChildren }): VNode {
  return (
    <details class="folded">
      <summary>{title}</summary>
      {children}
    </details>
  );
}
