import type { VNode } from "preact";

import type { SendRequest, SendResult } from "../api.ts";
import { useSelected } from "./live-page.ts";
import { Phone } from "./phone/phone.tsx";
import { RequestLine } from "./requests/request-line.tsx";
import { goTo } from "./use-route.ts";

/** The phone, with links to the requests that it has sent. */
export function PhoneView({ send }: { readonly send: (request: SendRequest) => Promise<SendResult> }): VNode {
  const project = useSelected((state) => state.project);
  const simulations = useSelected((state) => state.simulations);
  if (project === undefined || simulations === undefined) return <p class="muted pad">Waiting for the server…</p>;
  return (
    <div class="phone-view">
      <Phone
        project={project}
        simulations={simulations}
        send={send}
        onExchange={(id) => goTo({ view: "requests", id })}
        requestLine={(id) => <RequestLine id={id} />}
      />
    </div>
  );
}
