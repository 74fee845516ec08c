import type { VNode } from "preact";

import type { SendRequest, SendResult } from "../api.ts";
import type { PhoneRoute } from "./hash-route.ts";
import { useSelected } from "./live-page.ts";
import { Phone } from "./phone/phone.tsx";
import { RequestLine } from "./requests/request-line.tsx";
import { goTo } from "./use-route.ts";

interface PhoneViewProps {
  /** Undefined while the page shows another view. A call in progress continues meanwhile. */
  readonly route: PhoneRoute | undefined;
  readonly send: (request: SendRequest) => Promise<SendResult>;
}

/** The phone, with links to the requests that it has sent. */
export function PhoneView({ route, send }: PhoneViewProps): VNode {
  const project = useSelected((state) => state.project);
  const simulations = useSelected((state) => state.simulations);
  if (project === undefined || simulations === undefined) return <p class="muted pad">Waiting for the server…</p>;
  return (
    <div class="phone-view">
      <h2 class="sr-only">Phone</h2>
      <Phone
        project={project}
        simulations={simulations}
        send={send}
        route={route}
        onRoute={goTo}
        onExchange={(id) => goTo({ view: "requests", id })}
        requestLine={(id) => <RequestLine id={id} />}
      />
    </div>
  );
}
