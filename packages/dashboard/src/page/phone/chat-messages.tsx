import { resolveAddress } from "@offhook/phone/web-address";
import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Project } from "../../api.ts";
import { minuteText } from "../figures.ts";
import { MessageBubble } from "../twiml/message-bubble.tsx";
import { cutText } from "../visible-text.ts";
import type { ChatController, ChatRow, Delivery } from "./chat-controller.ts";
import { FaultRow } from "./fault-row.tsx";
import { ExchangeLink } from "./phone-fields.tsx";
import type { PanelProps } from "./phone-props.ts";

interface ChatMessagesProps {
  readonly controller: ChatController;
  readonly project: Project;
  readonly onExchange: PanelProps["onExchange"];
}

/** The messages of a conversation, scrolled to the latest. */
export function ChatMessages({ controller, project, onExchange }: ChatMessagesProps): VNode {
  const { rows, awaited } = controller;
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [rows, awaited]);
  const leads = firstRows(rows);
  return (
    <div class="phone-messages" ref={list} role="log" aria-label="Conversation" aria-live="polite" tabIndex={0}>
      {rows.length === 0 && (
        <p class="phone-empty">
          Write a message. The function receives it as an incoming message, and its reply appears here.
        </p>
      )}
      {rows.map((row) => (
        <Row key={row.id} row={row} project={project} onExchange={onExchange} hasLink={leads.has(row.id)} />
      ))}
      {awaited > 0 && <p class="phone-note">Waiting for the reply…</p>}
    </div>
  );
}

/** The ids of the first rows of each request. Only they link to it. */
function firstRows(rows: readonly ChatRow[]): ReadonlySet<number> {
  const firsts = new Map<string, number>();
  for (const { id, exchange } of rows) if (exchange !== undefined && !firsts.has(exchange)) firsts.set(exchange, id);
  return new Set(firsts.values());
}

interface RowProps extends Omit<ChatMessagesProps, "controller"> {
  readonly row: ChatRow;
  readonly hasLink: boolean;
}

function Row({ row, project, onExchange, hasLink }: RowProps): VNode {
  const link = hasLink && <ExchangeLink id={row.exchange} onExchange={onExchange} />;
  const imageOf = (url: string): string | undefined => localUrl(url, project);
  switch (row.kind) {
    case "sent":
      return (
        <div class="phone-reply phone-reply-out">
          <MessageBubble side="out" body={row.body} media={row.media.map(({ url }) => url)} imageOf={imageOf} />
          <Foot at={row.at}>
            {row.buttonPayload !== undefined && <span>button {cutText(row.buttonPayload)}</span>}
            {link}
          </Foot>
        </div>
      );
    case "message":
      return (
        <div class="phone-reply">
          <MessageBubble body={row.body} media={row.media} to={row.to} imageOf={imageOf} />
          <Foot at={row.at}>
            {row.delivery !== undefined && <DeliveryText delivery={row.delivery} onExchange={onExchange} />}
            {link}
          </Foot>
        </div>
      );
    case "note":
      return (
        <p class="phone-note">
          {cutText(row.text)} {link}
        </p>
      );
    case "fault":
      return <FaultRow {...row}>{link}</FaultRow>;
    default:
      return row satisfies never;
  }
}

function Foot({ at, children }: { readonly at: number; readonly children: ComponentChildren }): VNode {
  return (
    <p class="phone-foot-line">
      <time dateTime={new Date(at).toISOString()}>{minuteText(at)}</time>
      {children}
    </p>
  );
}

interface DeliveryTextProps {
  readonly delivery: Delivery;
  readonly onExchange: PanelProps["onExchange"];
}

/** The state of a message. With a status callback, each state links to its webhook. */
function DeliveryText({ delivery: { status, reports }, onExchange }: DeliveryTextProps): VNode {
  const hasFailed = status === "failed" || status === "undelivered";
  if (reports.length === 0) return <span class={hasFailed ? "phone-bad" : ""}>{status}</span>;
  return (
    <>
      {reports.map((report) => (
        <span key={report.status} class={report.failure === undefined ? "" : "phone-bad"} title={report.failure}>
          <ExchangeLink id={report.exchange} onExchange={onExchange}>
            {report.status}
          </ExchangeLink>
          {report.failure !== undefined && ` (status callback failed: ${cutText(report.failure)})`}
        </span>
      ))}
    </>
  );
}

/** Files of the project and of this page can be shown. Nothing is requested from other servers. */
function localUrl(url: string, project: Project): string | undefined {
  if (url.startsWith(`${location.origin}/media/`)) return url;
  const address = resolveAddress(url, project.url, project);
  return address.kind === "own" ? `${project.url}${address.target}` : undefined;
}
