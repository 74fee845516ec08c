/**
 * Shows the state of the call, and the caller's options in it.
 */
import type { DialOutcome, Gather } from "@offhook/phone/call-state";
import { dialled } from "@offhook/phone/call-verbs";
import { stepOf } from "@offhook/phone/twiml-step";
import type { VNode } from "preact";
import { useState } from "preact/hooks";

import type { CallController } from "./call-controller.ts";

export function CallAsk({ controller }: { readonly controller: CallController }): VNode | null {
  const { call } = controller;
  switch (call.phase) {
    case "idle":
    case "over":
      return null;
    case "asking":
      return <Ask text={`Requesting ${call.asked?.reference || "the function"}…`} />;
    case "playing":
      return (
        <Ask text="Playing to the caller">
          <button type="button" class="phone-button" onClick={() => controller.skip()}>
            Skip
          </button>
        </Ask>
      );
    case "prompting":
    case "listening":
      return call.gather === undefined ? null : <GatherAsk controller={controller} gather={call.gather} />;
    case "recording":
      return (
        <Ask text="Recording… How does the caller respond?">
          <button
            type="button"
            class="phone-button"
            onClick={() => controller.dispatch({ kind: "recorded", isEmpty: false })}
          >
            Finish recording
          </button>
          <button
            type="button"
            class="phone-button"
            onClick={() => controller.dispatch({ kind: "recorded", isEmpty: true })}
          >
            Say nothing
          </button>
        </Ask>
      );
    case "dialling":
      return call.dial === undefined ? null : <DialAsk controller={controller} whom={dialled(call.dial)} />;
    case "stuck":
      return (
        <Ask text={call.obstacle?.text ?? ""} aside="(The simulated phone pauses here.)">
          <button type="button" class="phone-button" onClick={() => controller.dispatch({ kind: "go-on" })}>
            Continue
          </button>
        </Ask>
      );
    default:
      return call.phase satisfies never;
  }
}

function Ask({
  text,
  aside,
  children,
}: {
  readonly text: string;
  readonly aside?: string;
  readonly children?: VNode | (VNode | null)[];
}): VNode {
  return (
    <div class="phone-ask">
      <p>
        {text}
        {aside !== undefined && <span class="phone-note"> {aside}</span>}
      </p>
      {children !== undefined && <div class="phone-choices">{children}</div>}
    </div>
  );
}

function GatherAsk({ controller, gather }: { readonly controller: CallController; readonly gather: Gather }): VNode {
  const [text, setText] = useState("");
  const isPrompting = controller.call.phase === "prompting";
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
              controller.dispatch({ kind: "speaking" });
            }}
          />
          <button type="submit" class="phone-button" disabled={text.trim() === ""}>
            Say
          </button>
        </form>
      )}
      <div class="phone-choices">
        <button type="button" class="phone-button" onClick={() => controller.skip()}>
          {isPrompting ? "Skip" : gather.digits === "" ? "Do nothing" : "Send now"}
        </button>
      </div>
    </div>
  );
}

const outcomes: readonly { readonly outcome: DialOutcome; readonly title: string }[] = [
  { outcome: "busy", title: "Busy" },
  { outcome: "no-answer", title: "No answer" },
  { outcome: "failed", title: "Failed" },
];

function DialAsk({ controller, whom }: { readonly controller: CallController; readonly whom: string }): VNode {
  const [seconds, setSeconds] = useState("10");
  const end = (outcome: DialOutcome, talked: number): void =>
    controller.dispatch({ kind: "dialled", outcome, seconds: talked });
  return (
    <div class="phone-ask">
      <p>
        Dials {whom}. <span class="phone-note">No real call is made. Choose the outcome:</span>
      </p>
      <form
        class="phone-choices"
        onSubmit={(event) => {
          event.preventDefault();
          end("answered", /^\d{1,5}$/.test(seconds) ? Number(seconds) : 0);
        }}
      >
        <button type="submit" class="phone-button">
          Answered
        </button>
        <label class="phone-inline">
          for
          <input
            type="text"
            inputMode="numeric"
            size={4}
            value={seconds}
            onInput={(event) => setSeconds(event.currentTarget.value)}
          />
          s
        </label>
      </form>
      <div class="phone-choices">
        {outcomes.map(({ outcome, title }) => (
          <button key={outcome} type="button" class="phone-button" onClick={() => end(outcome, 0)}>
            {title}
          </button>
        ))}
      </div>
    </div>
  );
}
