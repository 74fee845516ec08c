/**
 * A phone on the screen. It sends messages to a function, or calls it, as Twilio would.
 */
import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { hashOf } from "../hash-route.ts";
import { CallController } from "./call-controller.ts";
import { CallPanel } from "./call-panel.tsx";
import { ChatController } from "./chat-controller.ts";
import { ChatPanel } from "./chat-panel.tsx";
import { keepChoices, readChoices, routeOf, withRoute, type PhoneChoices } from "./phone-choices.ts";
import type { PhoneProps } from "./phone-props.ts";

/** One of each per page. They continue while the user looks at another view. */
let controllers: { readonly call: CallController; readonly chat: ChatController } | undefined;

interface Place {
  readonly route: PhoneProps["route"];
  readonly onRoute: PhoneProps["onRoute"];
  readonly choices: PhoneChoices;
  readonly setChoices: (choices: PhoneChoices) => void;
}

/** Keeps the choices and the page's URL the same: the one that has changed counts. */
function usePlace({ route, onRoute, choices, setChoices }: Place): void {
  const seen = useRef<string>(undefined);
  const written = useRef<string>(undefined);
  const place = route && hashOf(route);
  useLayoutEffect(() => {
    const hasMoved = place !== seen.current && place !== written.current;
    seen.current = place;
    if (route === undefined || onRoute === undefined) return;
    const next = hasMoved ? withRoute(choices, route) : choices;
    if (hasMoved) setChoices(next);
    const current = routeOf(next, route.id);
    written.current = hashOf(current);
    if (written.current !== place) onRoute(current, true);
  }, [place, choices]);
}

const tabs = [
  { name: "messages", title: "Messages" },
  { name: "call", title: "Call" },
] as const;

export function Phone(props: PhoneProps): VNode {
  const { send, route, onRoute, chatMemory } = props;
  const [choices, setChoices] = useState(() => withRoute(readChoices(), route));
  controllers ??= { call: new CallController(send), chat: new ChatController(send, chatMemory) };
  const { call, chat } = controllers;
  call.send = send;
  chat.send = send;
  // A layout effect, so that the choices are kept even if the user reloads before the page is painted.
  useLayoutEffect(() => keepChoices(choices), [choices]);
  usePlace({ route, onRoute, choices, setChoices });
  const choose = (change: Partial<PhoneChoices>): void => setChoices((before) => ({ ...before, ...change }));
  const panel = { ...props, choices, choose };
  return (
    <section class="phone" aria-label="Phone">
      <div class="phone-tabs" role="tablist" aria-label="Phone mode">
        {tabs.map(({ name, title }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`phone-tab-${name}`}
            aria-selected={choices.tab === name}
            aria-controls={choices.tab === name ? `phone-panel-${name}` : undefined}
            tabIndex={choices.tab === name ? 0 : -1}
            onClick={() => choose({ tab: name })}
            onKeyDown={(event) => {
              if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
              const other = tabs.find((each) => each.name !== name)?.name ?? name;
              choose({ tab: other });
              document.getElementById(`phone-tab-${other}`)?.focus();
            }}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        class="phone-panel"
        role="tabpanel"
        id={`phone-panel-${choices.tab}`}
        aria-labelledby={`phone-tab-${choices.tab}`}
        key={choices.tab}
      >
        {choices.tab === "messages" ? (
          <ChatPanel {...panel} controller={chat} />
        ) : (
          <CallPanel {...panel} controller={call} />
        )}
      </div>
    </section>
  );
}
