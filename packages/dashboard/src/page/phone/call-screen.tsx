/**
 * The screen of the phone during a call: its status, its length, and what the caller hears.
 */
import type { Call, LogEntry } from "@offhook/phone/call-state";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { cutText } from "../visible-text.ts";
import { Sound, whoActs } from "./call-log.tsx";
import { FaultRow } from "./fault-row.tsx";

const phases: Readonly<Record<Call["phase"], string>> = {
  idle: "Ready",
  asking: "Connecting",
  playing: "On the line",
  prompting: "On the line",
  listening: "Listening",
  recording: "Recording",
  dialling: "Dialling",
  talking: "Connected",
  stuck: "On hold",
  over: "Call ended",
};

export function CallScreen({ call }: { readonly call: Call }): VNode {
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
        {heard.length === 0 && <p class="phone-empty">Everything that the caller hears appears here.</p>}
        {heard.map((entry) => (
          <Heard key={entry.id} entry={entry} call={call} />
        ))}
      </div>
    </div>
  );
}

type HeardEntry = Extract<LogEntry, { kind: "said" | "played" | "caller" | "callee" | "fault" | "ended" }>;

function isHeard(entry: LogEntry): entry is HeardEntry {
  return entry.kind !== "webhook" && entry.kind !== "note";
}

function Heard({ entry, call }: { readonly entry: HeardEntry; readonly call: Call }): VNode {
  switch (entry.kind) {
    case "said":
      return (
        <p class="phone-said">
          <CalleeWord entry={entry} />
          {cutText(entry.text)}
          <Detail text={entry.detail.split(", ").at(-1) ?? ""} />
        </p>
      );
    case "played":
      return (
        <p class="phone-said">
          <CalleeWord entry={entry} />
          <Sound url={entry.url} target={entry.target} call={call} />
          <Detail text={entry.detail} />
        </p>
      );
    case "caller":
    case "callee":
      return (
        <p class="phone-caller">
          {whoActs(entry)} {cutText(entry.text)}
        </p>
      );
    case "fault":
      return <FaultRow {...entry} />;
    case "ended":
      return <p class="phone-note">{cutText(entry.text)}</p>;
    default:
      return entry satisfies never;
  }
}

function CalleeWord({ entry }: { readonly entry: LogEntry }): VNode | null {
  return entry.isCallee === true ? <span class="phone-note">to the callee: </span> : null;
}

/** How often a sound is repeated. */
function Detail({ text }: { readonly text: string }): VNode | null {
  return /repeated|times/.test(text) ? <span class="phone-note"> {text}</span> : null;
}

function clockOf(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
