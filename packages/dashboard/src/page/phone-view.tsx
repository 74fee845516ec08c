import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Exchange, SendRequest, SendResult } from "../api.ts";
import { api } from "./api-client.ts";
import { chatMemory } from "./chat-memory.ts";
import { FileLink } from "./file-link.tsx";
import type { PhoneRoute } from "./hash-route.ts";
import { useSelected } from "./live-page.ts";
import { Phone } from "./phone/phone.tsx";
import { RequestLine } from "./requests/request-line.tsx";
import { RequestPane } from "./requests/request-pane.tsx";
import { authorErrors } from "./requests/trouble.tsx";
import { goTo } from "./use-route.ts";

export interface PhoneViewProps {
  /** Undefined while the page shows another view. A call in progress continues meanwhile. */
  readonly route: PhoneRoute | undefined;
  readonly send: (request: SendRequest) => Promise<SendResult>;
}

/** The phone, and beside it the latest request that it has sent, or the one that the user chose. */
export function PhoneView({ route, send }: PhoneViewProps): VNode {
  const project = useSelected((state) => state.project);
  const simulations = useSelected((state) => state.simulations);
  const isWide = useMedia("(min-width: 1360px)");
  const [latest, setLatest] = useState<string>();
  if (project === undefined || simulations === undefined) return <p class="muted pad">Waiting for the server…</p>;
  const shown = route?.id ?? latest;
  const choose = (id: string): void => {
    if (!isWide || route === undefined) return goTo({ view: "requests", id });
    const { id: _, ...place } = route;
    // Without an id, the pane follows the latest request.
    goTo(id === latest ? place : { ...place, id }, true);
  };
  return (
    <div class={`phone-view${isWide ? " has-pane" : ""}`}>
      <h2 class="sr-only">Phone</h2>
      <Phone
        project={project}
        simulations={simulations}
        send={async (request) => explained(await send(request))}
        route={route}
        onRoute={goTo}
        offerFile={api.offerFile}
        chatMemory={chatMemory}
        saveTest={async (test) => (await api.saveWrittenTest(test)).file}
        fileLink={(file) => <FileLink file={file} />}
        onLatest={setLatest}
        onExchange={choose}
        requestLine={(id) => <RequestLine id={id} />}
      />
      {isWide && (
        <aside class="phone-pane" aria-label="Request of the phone">
          {shown === undefined ? (
            <p class="choose muted">The request of each message, and of each step of a call, appears here.</p>
          ) : (
            <RequestPane key={shown} id={shown} />
          )}
          {route?.id !== undefined && latest !== undefined && (
            <button type="button" class="button phone-pane-latest" onClick={() => choose(latest)}>
              Show the latest request
            </button>
          )}
        </aside>
      )}
    </div>
  );
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const read = (): void => setMatches(list.matches);
    list.addEventListener("change", read);
    return () => list.removeEventListener("change", read);
  }, [query]);
  return matches;
}

/** Adds why a request failed: the author's error, or why it was refused. */
async function explained(sent: SendResult): Promise<SendResult & { readonly problem?: string }> {
  if (sent.status < 400 || sent.id === "") return sent;
  const exchange = await api.exchange(sent.id).catch(() => undefined);
  const problem = exchange && problemOf(exchange);
  return problem === undefined ? sent : { ...sent, problem };
}

/** The author's error, or else why the server refused the request and what to do next. */
function problemOf({ detail = "", explanation, hints, code = "" }: Exchange): string | undefined {
  const [line] = detail.trim().split("\n");
  if (explanation !== undefined && !authorErrors.has(code)) return `${explanation.message}. ${explanation.next}`;
  return line || hints[0]?.text || explanation?.message;
}
