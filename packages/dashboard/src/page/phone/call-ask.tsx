/**
 * Shows the state of the call, and what its parties can do.
 */
import type { Call, DialLine, DialOutcome, Gather } from "@offhook/phone/call-state";
import { hintsOf } from "@offhook/phone/call-verbs";
import { isRoom } from "@offhook/phone/dial-lines";
import { stepOf } from "@offhook/phone/twiml-step";
import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";

import { cutText } from "../visible-text.ts";
import type { CallController } from "./call-controller.ts";

export function CallAsk({ controller }: { readonly controller: CallController }): VNode | null {
  const { call } = controller;
  return (
    <>
      <CalleeNote call={call} />
      <PhaseAsk controller={controller} />
      {call.inset?.kind === "queue" && call.phase !== "talking" && <QueueAsk controller={controller} />}
    </>
  );
}

function PhaseAsk({ controller }: { readonly controller: CallController }): VNode | null {
  const { call } = controller;
  switch (call.phase) {
    case "idle":
    case "over":
      return null;
    case "asking":
      return <Ask text={`Requesting ${call.asked?.reference || "the function"}…`} />;
    case "playing":
      return <PlayingAsk controller={controller} />;
    case "prompting":
    case "listening":
      return call.gather === undefined ? null : <GatherAsk controller={controller} gather={call.gather} />;
    case "recording":
      return <RecordingAsk controller={controller} />;
    case "dialling":
      return <DialAsk controller={controller} lines={call.dial?.lines ?? []} />;
    case "talking":
      return (
        <Ask text={`Connected to ${otherParty(call)}`}>
          <AskButton act={() => controller.dispatch({ kind: "callee-hangs-up" })}>The other party hangs up</AskButton>
        </Ask>
      );
    case "stuck":
      return (
        <Ask text={call.obstacle?.text ?? ""} aside="(The simulated phone pauses here.)">
          <AskButton act={() => controller.dispatch({ kind: "go-on" })}>Continue</AskButton>
        </Ask>
      );
    default:
      return call.phase satisfies never;
  }
}

function PlayingAsk({ controller }: { readonly controller: CallController }): VNode {
  if (controller.call.repetition?.left === Infinity) return <Ask text="Repeated until the caller hangs up" />;
  return (
    <Ask text="Playing">
      <AskButton act={() => controller.skip()}>Skip</AskButton>
    </Ask>
  );
}

function otherParty({ dial }: Call): string {
  const line = dial?.answered === undefined ? undefined : dial.lines[dial.answered];
  return line === undefined ? "the call that took this one" : line.address || line.name;
}

interface AskButtonProps {
  readonly act: () => void;
  readonly isDisabled?: boolean;
  readonly children: ComponentChildren;
}

function AskButton({ act, isDisabled = false, children }: AskButtonProps): VNode {
  return (
    <button type="button" class="phone-button" disabled={isDisabled} onClick={act}>
      {children}
    </button>
  );
}

interface AskProps {
  readonly text: string;
  readonly aside?: string;
  readonly children?: ComponentChildren;
}

function Ask({ text, aside, children }: AskProps): VNode {
  return (
    <div class="phone-ask">
      <p>
        {cutText(text)}
        {aside !== undefined && <span class="phone-note"> {aside}</span>}
      </p>
      {children !== undefined && <div class="phone-choices">{children}</div>}
    </div>
  );
}

/** Says that the callee hears the document, not the caller. */
function CalleeNote({ call: { inset, dial } }: { readonly call: Call }): VNode | null {
  if (inset?.kind !== "screening") return null;
  return (
    <p class="phone-note phone-line-note">
      {cutText(dial?.lines[inset.line]?.address ?? "The callee")} has answered and hears this before the connection. The
      keys and words are the callee’s.
    </p>
  );
}

function GatherAsk({ controller, gather }: { readonly controller: CallController; readonly gather: Gather }): VNode {
  const [text, setText] = useState("");
  const isPrompting = controller.call.phase === "prompting";
  const hints = gather.takesSpeech ? hintsOf(gather).slice(0, maxHints) : [];
  return (
    <div class="phone-ask">
      <p>{stepOf(gather.element).text}</p>
      {gather.takesKeys && gather.digits !== "" && (
        <output class="phone-digits" aria-label="Keys pressed">
          {gather.digits}
        </output>
      )}
      {gather.takesSpeech && (
        <form
          class="phone-choices"
          onSubmit={(event) => {
            event.preventDefault();
            controller.dispatch({ kind: "speech", text });
            setText("");
          }}
        >
          <input
            type="text"
            class="phone-speech"
            aria-label="What the caller says"
            placeholder="What the caller says"
            autoComplete="off"
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
              controller.dispatch({ kind: "speaking", text: event.currentTarget.value });
            }}
          />
          <button type="submit" class="phone-button" disabled={text.trim() === ""}>
            Say
          </button>
        </form>
      )}
      {hints.length > 0 && (
        <div class="phone-choices" role="group" aria-label="Phrases that the function expects">
          {hints.map((hint) => (
            <AskButton key={hint} act={() => controller.dispatch({ kind: "speech", text: hint })}>
              {cutText(hint)}
            </AskButton>
          ))}
        </div>
      )}
      <div class="phone-choices">
        <AskButton act={() => controller.skip()}>
          {isPrompting ? "Skip" : gather.digits === "" && gather.speech === "" ? "Do nothing" : "Send now"}
        </AskButton>
      </div>
    </div>
  );
}

const maxHints = 12;

function RecordingAsk({ controller }: { readonly controller: CallController }): VNode {
  const [text, setText] = useState("");
  const finish = (isEmpty: boolean): void => controller.dispatch({ kind: "recorded", isEmpty, text });
  return (
    <div class="phone-ask">
      <p>Recording… How does the caller respond?</p>
      <input
        type="text"
        class="phone-speech"
        aria-label="What the caller says, for a transcription"
        placeholder="What the caller says, for a transcription"
        autoComplete="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="phone-choices">
        <AskButton act={() => finish(false)}>Finish recording</AskButton>
        <AskButton act={() => finish(true)}>Say nothing</AskButton>
      </div>
    </div>
  );
}

function QueueAsk({ controller }: { readonly controller: CallController }): VNode {
  return (
    <Ask text="The caller is in a queue">
      <AskButton act={() => controller.dispatch({ kind: "dequeued" })}>Take the call</AskButton>
      {controller.call.phase !== "stuck" && (
        <AskButton act={() => controller.dispatch({ kind: "go-on" })}>Leave the queue</AskButton>
      )}
    </Ask>
  );
}

const outcomes: readonly { readonly outcome: DialOutcome; readonly title: string }[] = [
  { outcome: "answered", title: "Answer" },
  { outcome: "busy", title: "Busy" },
  { outcome: "no-answer", title: "No answer" },
  { outcome: "failed", title: "Failed" },
];

const roomOutcomes: typeof outcomes = [
  { outcome: "answered", title: "Somebody is there" },
  { outcome: "no-answer", title: "Nobody is there" },
];

/** The second line: each callee answers, or does not. No real call is made. */
function DialAsk({
  controller,
  lines,
}: {
  readonly controller: CallController;
  readonly lines: readonly DialLine[];
}): VNode {
  return (
    <div class="phone-ask">
      <p>
        {lines.length === 0 ? "Dials nobody. " : ""}
        <span class="phone-note">No real call is made. You answer for the callee:</span>
      </p>
      {lines.length === 0 && (
        <AskButton act={() => controller.dispatch({ kind: "dialled", outcome: "failed", seconds: 0 })}>
          Continue
        </AskButton>
      )}
      {lines.map((line, index) => (
        <div key={line.sid} class="phone-line" role="group" aria-label={`Line ${line.address}`}>
          <p>
            <b>{cutText(line.address || line.name)}</b>{" "}
            <span class="phone-note">
              {line.name === "Number" ? "" : `${line.name}, `}
              {line.status === "waiting" ? "is called next" : line.status}
            </span>
          </p>
          {line.status === "ringing" && (
            <div class="phone-choices">
              {(isRoom(line) ? roomOutcomes : outcomes).map(({ outcome, title }) => (
                <AskButton key={outcome} act={() => controller.dispatch({ kind: "callee", line: index, outcome })}>
                  {title}
                </AskButton>
              ))}
            </div>
          )}
        </div>
      ))}
    </div>
  );
}
