import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Exchange } from "../../api.ts";
import { api, sentence } from "../api-client.ts";
import { hashOf } from "../hash-route.ts";
import { useSelected } from "../live-page.ts";
import { RequestView } from "./request-view.tsx";

/** The open request. It is loaded again whenever its row changes. */
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
    // After a restart, the server may know the request.
  }, [id, row, connection === "lost"]);
  return (
    <article class="detail" aria-label="Open request">
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
