/**
 * A conversation with a function: its messages, and a form that sends the next one.
 */
import type { VNode } from "preact";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

import { cutText } from "../visible-text.ts";
import type { ChatController } from "./chat-controller.ts";
import { ChatMessages } from "./chat-messages.tsx";
import { likelyFunctions } from "./phone-choices.ts";
import { FunctionField, NumberFields } from "./phone-fields.tsx";
import type { PanelProps } from "./phone-props.ts";

/** The list of all requests is easier to read than a longer list here. */
const maxRequests = 20;

export function ChatPanel(props: PanelProps & { readonly controller: ChatController }): VNode {
  const { controller, project, simulations, choices, choose, onExchange, requestLine } = props;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => controller.subscribe(() => redraw(undefined)), [controller]);
  const [text, setText] = useState("");

  const paths = likelyFunctions(project.functions, "sms");
  const target = paths.includes(choices.messageFunction) ? choices.messageFunction : (paths[0] ?? "");
  if (target === "") return <p class="phone-empty">This project has no function that can be called.</p>;
  const { from, to } = choices;
  const send = (): void => {
    if (text.trim() === "") return;
    setText("");
    void controller.sendMessage({ target, body: text, from, to, site: project, simulations });
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
        <ChatMessages controller={controller} onExchange={onExchange} />
        <Composer text={text} setText={setText} send={send} />
        <div class="phone-foot">
          <button type="button" class="phone-link" onClick={() => controller.begin()}>
            New conversation
          </button>
          <Cookies controller={controller} from={from} to={to} />
        </div>
      </div>
      {requestLine !== undefined && <LatestRequests exchanges={controller.exchanges} requestLine={requestLine} />}
    </div>
  );
}

interface ComposerProps {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly send: () => void;
}

function Composer({ text, setText, send }: ComposerProps): VNode {
  const input = useRef<HTMLTextAreaElement>(null);
  return (
    <form
      class="phone-composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
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
          // While an input method composes a character, Enter confirms that character.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" class="phone-primary" disabled={text.trim() === ""}>
        Send
      </button>
    </form>
  );
}

interface CookiesProps {
  readonly controller: ChatController;
  readonly from: string;
  readonly to: string;
}

function Cookies({ controller, from, to }: CookiesProps): VNode {
  const cookies = controller.cookies(from, to);
  if (cookies.length === 0) return <span class="phone-note">No cookies</span>;
  return (
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
      <p class="phone-note">Kept for this pair of numbers for up to four hours, as Twilio does.</p>
      <button type="button" class="phone-link" onClick={() => controller.clearCookies(from, to)}>
        Clear cookies
      </button>
    </details>
  );
}

/** Each message links to its own request. This list is for people who watch the requests while they write. */
function LatestRequests({
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
        <p class="phone-empty">Requests in this conversation appear here.</p>
      ) : (
        <ol>
          {exchanges.slice(0, maxRequests).map((id) => (
            <li key={id}>{requestLine(id)}</li>
          ))}
        </ol>
      )}
    </section>
  );
}
