/**
 * Messages, back and forth.
 */
import type { VNode } from "preact";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

import { cutText } from "../visible-text.ts";
import { MessageBubble } from "../twiml/message-bubble.tsx";
import type { ChatLine, ChatRow } from "./chat-line.ts";
import { FaultRow } from "./fault-row.tsx";
import { likelyFunctions } from "./phone-choices.ts";
import { ExchangeLink, FunctionField, NumberFields } from "./phone-fields.tsx";
import type { PanelProps } from "./phone-props.ts";

/** Beyond these the list of all requests is easier to read. */
const mostAsked = 20;

export function ChatPanel(props: PanelProps & { readonly line: ChatLine }): VNode {
  const { line, project, simulations, choices, choose, onExchange, requestLine } = props;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => line.subscribe(() => redraw(undefined)), [line]);
  const [text, setText] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const list = end.current;
    if (list !== null) list.scrollTop = list.scrollHeight;
  }, [line.rows, line.awaited]);

  const paths = likelyFunctions(project.functions, "sms");
  const target = paths.includes(choices.messageFunction) ? choices.messageFunction : (paths[0] ?? "");
  if (target === "") return <p class="phone-empty">This project has no function that can be called.</p>;
  const { from, to } = choices;
  const cookies = line.cookies(from, to);
  const submit = (): void => {
    if (text.trim() === "") return;
    setText("");
    void line.say({ target, body: text, from, to, site: project, simulations });
  };
  return (
    <div class="phone-halves">
      <div class="phone-chat">
        <div class="phone-setup">
          <FunctionField
            label="Function"
            paths={paths}
            value={target}
            onChoose={(path) => choose({ messageFunction: path })}
          />
          <NumberFields choices={choices} choose={choose} />
        </div>
        <div class="phone-messages" ref={end} role="log" aria-label="Conversation" aria-live="polite" tabIndex={0}>
          {line.rows.length === 0 && (
            <p class="phone-empty">
              Write something: the function gets it as an incoming message, and its reply stands here.
            </p>
          )}
          {line.rows.map((row) => (
            <Row key={row.id} row={row} onExchange={onExchange} />
          ))}
          {line.awaited > 0 && <p class="phone-note">Waiting for the reply…</p>}
        </div>
        <form
          class="phone-composer"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
            input.current?.focus();
          }}
        >
          <textarea
            ref={input}
            rows={1}
            aria-label="Message"
            placeholder="Message"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              // While letters are composed of several keys, Enter belongs to them.
              if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              submit();
            }}
          />
          <button type="submit" class="phone-primary" disabled={text.trim() === ""}>
            Send
          </button>
        </form>
        <div class="phone-foot">
          <button type="button" class="phone-link" onClick={() => line.begin()}>
            New conversation
          </button>
          {cookies.length === 0 ? (
            <span class="phone-note">No cookies</span>
          ) : (
            <details class="phone-cookies">
              <summary>
                {cookies.length} {cookies.length === 1 ? "cookie" : "cookies"}
              </summary>
              <ul>
                {cookies.map(({ name, value, path }) => (
                  <li key={`${name} ${path}`}>
                    <code>{cutText(`${name}=${value}`)}</code>
                  </li>
                ))}
              </ul>
              <p class="phone-note">Kept for this pair of numbers, as Twilio does, for four hours at most.</p>
              <button type="button" class="phone-link" onClick={() => line.clearCookies(from, to)}>
                Clear cookies
              </button>
            </details>
          )}
        </div>
      </div>
      {requestLine !== undefined && <Asked exchanges={line.exchanges} requestLine={requestLine} />}
    </div>
  );
}

/** Who looks for a bubble's request finds it there; this is for whoever looks on while he writes. */
function Asked({
  exchanges,
  requestLine,
}: {
  readonly exchanges: readonly string[];
  readonly requestLine: (id: string) => VNode;
}): VNode {
  return (
    <section class="phone-asked" aria-label="Requests of the conversation">
      <h3>Requests</h3>
      {exchanges.length === 0 ? (
        <p class="phone-empty">Each request that the conversation takes stands here.</p>
      ) : (
        <ol>
          {exchanges.slice(0, mostAsked).map((id) => (
            <li key={id}>{requestLine(id)}</li>
          ))}
        </ol>
      )}
    </section>
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
