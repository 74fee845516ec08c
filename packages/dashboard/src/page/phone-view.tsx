import type { VNode } from "preact";
import { useState } from "preact/hooks";

import type { SendRequest, Sent } from "../api.ts";
import { useSelected } from "./live-page.ts";
import { Phone } from "./phone/phone.tsx";
import { RequestLine } from "./requests/request-line.tsx";

const mostShown = 30;

/** The phone, and beside it what its use has asked of the functions. */
export function PhoneView({ send }: { readonly send: (request: SendRequest) => Promise<Sent> }): VNode {
  const project = useSelected((state) => state.project);
  const simulations = useSelected((state) => state.simulations);
  const [asked, setAsked] = useState<readonly string[]>([]);
  if (project === undefined || simulations === undefined) return <p class="muted pad">Waiting for the server…</p>;
  const note = (id: string): void =>
    setAsked((before) => [id, ...before.filter((each) => each !== id)].slice(0, mostShown));
  return (
    <div class="phone-view">
      <div class="phone-place">
        <Phone project={project} simulations={simulations} send={send} onExchange={note} />
      </div>
      <aside aria-label="Requests of the phone">
        <h2>What it asked</h2>
        {asked.length === 0 ? (
          <p class="muted">Each request that the phone makes is listed here.</p>
        ) : (
          <ul class="lines">
            {asked.map((id) => (
              <li key={id}>
                <RequestLine id={id} />
              </li>
            ))}
          </ul>
        )}
      </aside>
    </div>
  );
}
