/**
 * Everything that happened in a call, including its webhooks.
 */
import type { Call, LogEntry } from "@offhook/phone/call-state";
import type { VNode } from "preact";

import { cutText } from "../visible-text.ts";
import { AddressText } from "../twiml/message-bubble.tsx";
import { FaultRow } from "./fault-row.tsx";
import { ExchangeLink } from "./phone-fields.tsx";

type OnExchange = ((id: string) => void) | undefined;

export function CallLog({ call, onExchange }: { readonly call: Call; readonly onExchange: OnExchange }): VNode {
  return (
    <section class="phone-log" aria-label="Call log">
      <h3>Call log</h3>
      {call.log.length === 0 ? (
        <p class="phone-empty">The steps of the call and its webhooks appear here.</p>
      ) : (
        <>
          <ol>
            {call.log.map((entry) => (
              <li key={entry.id} class={`phone-log-${entry.kind}`}>
                <span class="phone-log-time">{secondsOf(entry.at - call.startedAt)}</span>
                <div class="phone-log-what">
                  <Entry entry={entry} call={call} onExchange={onExchange} />
                </div>
              </li>
            ))}
          </ol>
          <p class="phone-note phone-log-foot">
            <code>{call.sid}</code>
          </p>
          {call.jar.length > 0 && (
            <p class="phone-note phone-log-foot">
              Cookies of this call:{" "}
              {call.jar.map(({ name, value }, index) => (
                <code key={index}>{cutText(`${name}=${value}`)} </code>
              ))}
            </p>
          )}
        </>
      )}
    </section>
  );
}

interface EntryProps {
  readonly entry: LogEntry;
  readonly call: Call;
  readonly onExchange: OnExchange;
}

function Entry({ entry, call, onExchange }: EntryProps): VNode {
  switch (entry.kind) {
    case "webhook": {
      const { method, target, fields, status, tookMs, exchange, about } = entry;
      const isBad = status !== undefined && status >= 400;
      return (
        <>
          <p class="phone-webhook">
            <span class="phone-note">{method}</span> <code>{cutText(target)}</code>{" "}
            <span class={isBad ? "phone-bad" : "phone-note"}>
              {status === undefined ? "…" : `${status} · ${Math.round(tookMs ?? 0)} ms`}
            </span>{" "}
            <ExchangeLink id={exchange} onExchange={onExchange} />
          </p>
          {about === undefined ? (
            <WebhookFields fields={fields} />
          ) : (
            // The call does not wait for these, so they take little room.
            <details class="phone-note">
              <summary>{cutText(about)}</summary>
              <WebhookFields fields={fields} />
            </details>
          )}
        </>
      );
    }
    case "said":
      return (
        <p>
          {entry.isCallee === true && <span class="phone-note">The callee hears </span>}“{cutText(entry.text)}”
          {entry.detail !== "" && <span class="phone-note"> {cutText(entry.detail)}</span>}
        </p>
      );
    case "played":
      return (
        <p>
          Plays <Sound url={entry.url} target={entry.target} call={call} />
          {entry.detail !== "" && <span class="phone-note"> {entry.detail}</span>}
        </p>
      );
    case "caller":
    case "callee":
      return (
        <p class="phone-caller">
          {whoActs(entry)} {cutText(entry.text)}
        </p>
      );
    case "note":
      return <p class="phone-note">{cutText(entry.text)}</p>;
    case "fault":
      return <FaultRow {...entry} />;
    case "ended":
      return <p class="phone-ended">{cutText(entry.text)}</p>;
    default:
      return entry satisfies never;
  }
}

function WebhookFields({ fields }: { readonly fields: Readonly<Record<string, string>> }): VNode | null {
  if (Object.keys(fields).length === 0) return null;
  return (
    <p class="phone-webhook-fields">
      {Object.entries(fields).map(([name, value]) => (
        <code key={name}>{cutText(`${name}=${value}`)}</code>
      ))}
    </p>
  );
}

/** Before the connection, the callee hears a document and answers it. */
export function whoActs({ kind, isCallee }: LogEntry): string {
  if (kind === "callee") return "";
  return isCallee === true ? "The callee" : "The caller";
}

interface SoundProps {
  readonly url: string;
  readonly target?: string | undefined;
  readonly call: Call;
}

/** A file that the project serves can be played. Any other address is only a link. */
export function Sound({ url, target, call }: SoundProps): VNode {
  const { setup } = call;
  if (target === undefined || setup === undefined) return <AddressText address={url} />;
  return (
    <>
      <code class="twiml-address">{cutText(url)}</code>{" "}
      <button
        type="button"
        class="phone-link"
        onClick={() => void new Audio(`${setup.site.url}${target}`).play().catch(() => undefined)}
      >
        Play
      </button>
    </>
  );
}

function secondsOf(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
