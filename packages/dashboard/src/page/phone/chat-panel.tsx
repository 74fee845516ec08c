/**
 * A conversation with a function: its messages, and a form that sends the next one.
 */
import { chatTest } from "@offhook/phone/conversation-test";
import type { Channel, DeliveryOutcome } from "@offhook/phone/message-fields";
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useReducer, useState } from "preact/hooks";

import { cutText } from "../visible-text.ts";
import type { ChatController } from "./chat-controller.ts";
import { ChatMessages } from "./chat-messages.tsx";
import { canSend, Composer, emptyDraft } from "./composer.tsx";
import { addressesOf, likelyFunctions } from "./phone-choices.ts";
import { ChoiceField, FunctionField, NumberFields, TextField } from "./phone-fields.tsx";
import type { PanelProps } from "./phone-props.ts";
import { SaveTest, typedFunctions } from "./save-test.tsx";

/** The list of all requests is easier to read than a longer list here. */
const maxRequests = 20;

const channels: readonly (readonly [Channel, string])[] = [
  ["sms", "SMS and MMS"],
  ["whatsapp", "WhatsApp"],
  ["rcs", "RCS"],
];

const outcomes: readonly (readonly [DeliveryOutcome, string])[] = [
  ["delivered", "are delivered"],
  ["undelivered", "are not delivered"],
  ["failed", "fail"],
];

export function ChatPanel(props: PanelProps & { readonly controller: ChatController }): VNode {
  const { controller, project, simulations, choices, choose, onExchange, requestLine } = props;
  const { onLatest, offerFile, saveTest, fileLink } = props;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => controller.subscribe(() => redraw(undefined)), [controller]);
  const [latest] = controller.exchanges;
  useEffect(() => onLatest?.(latest), [latest]);
  const [draft, setDraft] = useState(emptyDraft);

  const paths = likelyFunctions(project.functions, "sms");
  const target = paths.includes(choices.messageFunction) ? choices.messageFunction : (paths[0] ?? "");
  if (target === "") return <p class="phone-empty">This project has no function that can be called.</p>;
  const { channel, delivery } = choices;
  const { from, to } = addressesOf(choices);
  const send = (): void => {
    if (!canSend(draft)) return;
    setDraft(emptyDraft);
    const { body, media } = draft;
    const buttonPayload = channel === "sms" || draft.buttonPayload === "" ? undefined : draft.buttonPayload;
    const message = { target, body, media, buttonPayload, from, to, outcome: delivery, site: project, simulations };
    void controller.sendMessage(message);
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
          <Parties choices={choices} choose={choose} />
          <ChoiceField
            label="Channel"
            value={channel}
            options={channels}
            onChoose={(each) => choose({ channel: each })}
          />
          <ChoiceField
            label="Replies"
            value={delivery}
            options={outcomes}
            onChoose={(each) => choose({ delivery: each })}
          />
        </div>
        <ChatMessages controller={controller} project={project} onExchange={onExchange} />
        <Composer
          draft={draft}
          change={(change) => setDraft((before) => ({ ...before, ...change }))}
          send={send}
          offerFile={offerFile}
          hasButtons={channel !== "sms"}
        />
        <div class="phone-foot">
          <button type="button" class="phone-link" onClick={() => controller.begin()}>
            New conversation
          </button>
          <SaveTest
            file={chatTest(controller.rows, project, typedFunctions(project))}
            saveTest={saveTest}
            fileLink={fileLink}
          />
          <Cookies controller={controller} from={from} to={to} />
        </div>
      </div>
      {requestLine !== undefined && <LatestRequests exchanges={controller.exchanges} requestLine={requestLine} />}
    </div>
  );
}

/** An RCS sender has a name instead of a number. */
function Parties({ choices, choose }: Pick<PanelProps, "choices" | "choose">): VNode {
  if (choices.channel !== "rcs") return <NumberFields choices={choices} choose={choose} />;
  return (
    <>
      <TextField label="From" value={choices.from} onText={(from) => choose({ from })} />
      <TextField label="To (RCS sender)" value={choices.agent} onText={(agent) => choose({ agent })} />
    </>
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
