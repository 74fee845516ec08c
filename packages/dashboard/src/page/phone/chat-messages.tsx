import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { MessageBubble } from "../twiml/message-bubble.tsx";
import { cutText } from "../visible-text.ts";
import type { ChatController, ChatRow } from "./chat-controller.ts";
import { FaultRow } from "./fault-row.tsx";
import { ExchangeLink } from "./phone-fields.tsx";
import type { PanelProps } from "./phone-props.ts";

interface ChatMessagesProps {
  readonly controller: ChatController;
  readonly onExchange: PanelProps["onExchange"];
}

/** The messages of a conversation, scrolled to the latest. */
export function ChatMessages({ controller, onExchange }: ChatMessagesProps): VNode {
  const { rows, awaited } = controller;
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [rows, awaited]);
  return (
    <div class="phone-messages" ref={list} role="log" aria-label="Conversation" aria-live="polite" tabIndex={0}>
      {rows.length === 0 && (
        <p class="phone-empty">
          Write a message. The function receives it as an incoming message, and its reply appears here.
        </p>
      )}
      {rows.map((row) => (
        <Row key={row.id} row={row} onExchange={onExchange} />
      ))}
      {awaited > 0 && <p class="phone-note">Waiting for the reply…</p>}
    </div>
  );
}

function Row({ row, onExchange }: { readonly row: ChatRow; readonly onExchange: PanelProps["onExchange"] }): VNode {
  switch (row.kind) {
    case "sent":
      return (
        <div class="phone-reply phone-reply-out">
          <MessageBubble side="out" body={row.body} media={[]} />
          <ExchangeLink id={row.exchange} onExchange={onExchange} />
        </div>
      );
    case "message":
      return (
        <div class="phone-reply">
          <MessageBubble body={row.body} media={row.media} to={row.to} />
          <ExchangeLink id={row.exchange} onExchange={onExchange} />
        </div>
      );
    case "note":
      return (
        <p class="phone-note">
          {cutText(row.text)} <ExchangeLink id={row.exchange} onExchange={onExchange} />
        </p>
      );
    case "fault":
      return (
        <FaultRow {...row}>
          <ExchangeLink id={row.exchange} onExchange={onExchange} />
        </FaultRow>
      );
    default:
      return row satisfies never;
  }
}
