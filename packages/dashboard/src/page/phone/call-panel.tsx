/**
 * A call to a function, as the caller has it.
 */
import type { Call, LogEntry } from "@offhook/phone/call-state";
import { randomSid, simulatedFields } from "@offhook/phone/webhook";
import type { VNode } from "preact";
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

import { cutText } from "../visible-text.ts";
import { CallAsk } from "./call-ask.tsx";
import type { CallLine } from "./call-line.ts";
import { CallLog, Sound } from "./call-log.tsx";
import { FaultRow } from "./fault-row.tsx";
import { Keypad } from "./keypad.tsx";
import { likelyFunctions } from "./phone-choices.ts";
import { FunctionField, NumberFields } from "./phone-fields.tsx";
import type { PanelProps } from "./phone-props.ts";

export function CallPanel(props: PanelProps & { readonly line: CallLine }): VNode {
  const { line, project, simulations, choices, choose, onExchange } = props;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => line.subscribe(() => redraw(undefined)), [line]);
  useEffect(() => line.setSound(choices.hasSound), [line, choices.hasSound]);
  const { call } = line;
  const isLive = call.phase !== "idle" && call.phase !== "over";
  useEffect(() => {
    if (!isLive) return undefined;
    const timer = setInterval(() => redraw(undefined), 1000);
    return () => clearInterval(timer);
  }, [isLive]);
  const press = useCallback((key: string) => line.dispatch({ kind: "key", key }), [line]);
  const set = useRef<HTMLDivElement>(null);

  const paths = likelyFunctions(project.functions, "voice");
  const target = paths.includes(choices.callFunction) ? choices.callFunction : (paths[0] ?? "");
  if (target === "") return <p class="phone-empty">This project has no function that can be called.</p>;
  const { from, to, statusCallback } = choices;
  const dial = (): void => {
    const fields = simulatedFields(simulations, "voice");
    const setup = {
      target,
      fields,
      from,
      to,
      site: project,
      ...(paths.includes(statusCallback) && { statusCallback }),
    };
    line.dispatch({ kind: "dial", sid: randomSid("CA"), setup });
    // So that the next key is one of the telephone's.
    set.current?.focus();
  };
  return (
    <div class="phone-halves">
      <div class="phone-set" ref={set} tabIndex={-1}>
        {isLive ? (
          <p class="phone-who">
            <code>{call.setup?.target}</code>
            <span class="phone-note">
              {call.setup?.from} calls {call.setup?.to}
            </span>
          </p>
        ) : (
          <div class="phone-setup">
            <FunctionField
              label="Function"
              paths={paths}
              value={target}
              onChoose={(path) => choose({ callFunction: path })}
            />
            <NumberFields choices={choices} choose={choose} />
            <FunctionField
              label="When the call is over, tell"
              paths={paths}
              none="nobody"
              value={paths.includes(statusCallback) ? statusCallback : ""}
              onChoose={(path) => choose({ statusCallback: path })}
            />
          </div>
        )}
        <Screen call={call} />
        <CallAsk line={line} />
        {isLive && <Keypad onKey={press} />}
        <div class="phone-actions">
          {isLive ? (
            <button type="button" class="phone-hang-up" onClick={() => line.dispatch({ kind: "hang-up" })}>
              Hang up
            </button>
          ) : (
            <button type="button" class="phone-dial" onClick={dial}>
              {call.phase === "over" ? "Call again" : "Call"}
            </button>
          )}
          <label class="phone-sound">
            <input
              type="checkbox"
              checked={choices.hasSound}
              onChange={(event) => choose({ hasSound: event.currentTarget.checked })}
            />
            Sound
          </label>
        </div>
      </div>
      <CallLog call={call} onExchange={onExchange} />
    </div>
  );
}

const phases: Readonly<Record<Call["phase"], string>> = {
  idle: "Ready",
  asking: "Connecting",
  playing: "On the line",
  prompting: "On the line",
  listening: "Listening",
  recording: "Recording",
  dialling: "Dialling",
  stuck: "On hold",
  over: "Call ended",
};

function Screen({ call }: { readonly call: Call }): VNode {
  const list = useRef<HTMLDivElement>(null);
  const heard = call.log.filter(isHeard);
  useLayoutEffect(() => {
    if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
  }, [heard.length]);
  const end = call.endedAt ?? Date.now();
  return (
    <div class="phone-screen">
      <p class="phone-status">
        <span aria-live="polite">{phases[call.phase]}</span>
        <span class="phone-timer" role="timer" aria-label="Length of the call">
          {call.answeredAt === undefined ? "" : clockOf(end - call.answeredAt)}
        </span>
      </p>
      <div class="phone-heard" ref={list} role="log" aria-label="What the caller hears" aria-live="polite" tabIndex={0}>
        {heard.length === 0 && <p class="phone-empty">What the caller hears stands here.</p>}
        {heard.map((entry) => (
          <Heard key={entry.id} entry={entry} call={call} />
        ))}
      </div>
    </div>
  );
}

type HeardEntry = Extract<LogEntry, { kind: "said" | "played" | "caller" | "fault" | "ended" }>;

function isHeard(entry: LogEntry): entry is HeardEntry {
  return entry.kind !== "webhook" && entry.kind !== "note";
}

function Heard({ entry, call }: { readonly entry: HeardEntry; readonly call: Call }): VNode {
  switch (entry.kind) {
    case "said":
      return <p class="phone-said">{cutText(entry.text)}</p>;
    case "played":
      return (
        <p class="phone-said">
          <Sound url={entry.url} target={entry.target} call={call} />
        </p>
      );
    case "caller":
      return <p class="phone-caller">The caller {cutText(entry.text)}</p>;
    case "fault":
      return <FaultRow {...entry} />;
    case "ended":
      return <p class="phone-note">{cutText(entry.text)}</p>;
    default:
      return entry satisfies never;
  }
}

function clockOf(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
