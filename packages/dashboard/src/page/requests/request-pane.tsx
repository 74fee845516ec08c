import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Exchange } from "../../api.ts";
import { api, sentence } from "../api-client.ts";
import { hashOf } from "../hash-route.ts";
import { useSelected } from "../live-page.ts";
import { RequestView } from "./request-view.tsx";

/** The request that is open, asked for again whenever there is news of it. */
export function RequestPane({ id }: { readonly id: string }): VNode {
  const row = useSelected((state) => state.rows.find((each) => each.id === id));
  const connection = useSelected((state) => state.connection);
  const [exchange, setExchange] = useState<Exchange>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let isCurrent = true;
    api.exchange(id).then(
      (found) => {
        if (!isCurrent) return;
        setExchange(found);
        setFailure(undefined);
      },
      (error: unknown) => {
        if (isCurrent) setFailure(sentence(error));
      },
    );
    return () => {
      isCurrent = false;
    };
    // A server that came back may know it.
  }, [id, row, connection === "lost"]);
  return (
    <article class="detail" aria-label="The request that is open">
      <a class="back" href={hashOf({ view: "requests" })}>
        ← Requests
      </a>
      {failure !== undefined && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      {exchange === undefined && failure === undefined && <p class="muted">Loading…</p>}
      {exchange !== undefined && <RequestView exchange={exchange} />}
    </article>
  );
}
