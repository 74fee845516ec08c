/**
 * A call to a function, from the caller's side.
 */
import type { Call } from "@offhook/phone/call-state";
import { callTest } from "@offhook/phone/conversation-test";
import { randomSid, simulatedFields } from "@offhook/phone/webhook";
import type { VNode } from "preact";
import { useCallback, useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

import { CallAsk } from "./call-ask.tsx";
import type { CallController } from "./call-controller.ts";
import { CallLog } from "./call-log.tsx";
import { CallScreen } from "./call-screen.tsx";
import { Keypad } from "./keypad.tsx";
import { likelyFunctions } from "./phone-choices.ts";
import { ChoiceField, FunctionField, NumberFields } from "./phone-fields.tsx";
import type { PanelProps } from "./phone-props.ts";
import { SaveTest, typedFunctions } from "./save-test.tsx";

export function CallPanel(props: PanelProps & { readonly controller: CallController }): VNode {
  const { controller, project, simulations, choices, choose, onExchange, onLatest, saveTest, fileLink } = props;
  const { call, isLive } = useCall(controller);
  const latest = latestExchange(call);
  useEffect(() => onLatest?.(latest), [latest]);
  useEffect(() => controller.setSound(choices.hasSound), [controller, choices.hasSound]);
  const press = useCallback((key: string) => controller.dispatch({ kind: "key", key }), [controller]);
  const phone = useRef<HTMLDivElement>(null);

  const paths = likelyFunctions(project.functions, "voice");
  const target = paths.includes(choices.callFunction) ? choices.callFunction : (paths[0] ?? "");
  if (target === "") return <p class="phone-empty">This project has no function that can be called.</p>;
  const statusCallback = paths.includes(choices.statusCallback) ? choices.statusCallback : "";
  const dial = (): void => {
    const fields = simulatedFields(simulations, "voice");
    const { from, to } = choices;
    const { hasAllStatuses } = choices;
    const status = statusCallback === "" ? {} : { statusCallback, hasAllStatuses };
    const setup = { target, fields, from, to, site: project, ...status };
    controller.dispatch({ kind: "dial", sid: randomSid("CA"), setup });
    // Then the keypad gets the next key that the user presses.
    phone.current?.focus();
  };
  return (
    <div class="phone-halves">
      <div class="phone-set" ref={phone} tabIndex={-1}>
        {isLive ? (
          <Parties call={call} />
        ) : (
          <CallSetup paths={paths} target={target} statusCallback={statusCallback} choices={choices} choose={choose} />
        )}
        <CallScreen call={call} />
        <CallAsk controller={controller} />
        {isLive && <Keypad onKey={press} />}
        <div class="phone-actions">
          {isLive ? (
            <button type="button" class="phone-hang-up" onClick={() => controller.dispatch({ kind: "hang-up" })}>
              Hang up
            </button>
          ) : (
            <button type="button" class="phone-dial" onClick={dial}>
              {call.phase === "over" ? "Call again" : "Call"}
            </button>
          )}
          <SoundSwitch hasSound={choices.hasSound} choose={choose} />
        </div>
        <SaveTest file={callTest(call, typedFunctions(project))} saveTest={saveTest} fileLink={fileLink} />
      </div>
      <CallLog call={call} onExchange={onExchange} />
    </div>
  );
}

/** Of the webhooks that continue the call. */
function latestExchange({ log }: Call): string | undefined {
  const latest = log.findLast((entry) => entry.kind === "webhook" && entry.about === undefined && "exchange" in entry);
  return latest?.kind === "webhook" ? latest.exchange : undefined;
}

/** Redraws the component when the call changes, and every second during the call, since the screen shows its length. */
function useCall(controller: CallController): { readonly call: Call; readonly isLive: boolean } {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => controller.subscribe(() => redraw(undefined)), [controller]);
  const { call } = controller;
  const isLive = call.phase !== "idle" && call.phase !== "over";
  useEffect(() => {
    if (!isLive) return undefined;
    const timer = setInterval(() => redraw(undefined), 1000);
    return () => clearInterval(timer);
  }, [isLive]);
  return { call, isLive };
}

function Parties({ call }: { readonly call: Call }): VNode {
  return (
    <p class="phone-who">
      <code>{call.setup?.target}</code>
      <span class="phone-note">
        {call.setup?.from} calls {call.setup?.to}
      </span>
    </p>
  );
}

interface CallSetupProps extends Pick<PanelProps, "choices" | "choose"> {
  /** Paths of the functions that can be called. */
  readonly paths: readonly string[];
  readonly target: string;
  /** Empty for none. */
  readonly statusCallback: string;
}

function CallSetup({ paths, target, statusCallback, choices, choose }: CallSetupProps): VNode {
  return (
    <div class="phone-setup">
      <FunctionField
        label="Function"
        paths={paths}
        value={target}
        onChoose={(path) => choose({ callFunction: path })}
      />
      <NumberFields choices={choices} choose={choose} />
      <FunctionField
        label="Status callback"
        paths={paths}
        none="none"
        value={statusCallback}
        onChoose={(path) => choose({ statusCallback: path })}
      />
      {statusCallback !== "" && (
        <ChoiceField
          label="Events"
          value={choices.hasAllStatuses ? "all" : "completed"}
          options={[
            ["completed", "completed, as for a number"],
            ["all", "initiated, ringing, answered, completed"],
          ]}
          onChoose={(events) => choose({ hasAllStatuses: events === "all" })}
        />
      )}
    </div>
  );
}

interface SoundSwitchProps extends Pick<PanelProps, "choose"> {
  readonly hasSound: boolean;
}

function SoundSwitch({ hasSound, choose }: SoundSwitchProps): VNode {
  return (
    <label class="phone-sound">
      <input
        type="checkbox"
        checked={hasSound}
        onChange={(event) => choose({ hasSound: event.currentTarget.checked })}
      />
      Sound
    </label>
  );
}
