import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Exchange } from "../../api.ts";
import { api, isUnknown, sentence } from "../api-client.ts";
import { hashOf } from "../hash-route.ts";
import { useSelected } from "../live-page.ts";
import { RequestView } from "./request-view.tsx";

interface RequestPaneProps {
  readonly id: string;
  /** Whether the heading gets the focus as soon as it is there. */
  readonly takesFocus?: boolean;
}

/** One request in full. It is loaded again whenever its row changes. */
export function RequestPane({ id, takesFocus = false }: RequestPaneProps): VNode {
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
        if (!isCurrent) return;
        setFailure(sentence(error));
        // A deleted request cannot be replayed or exported, so its buttons disappear.
        if (isUnknown(error)) setExchange(undefined);
      },
    );
    return () => {
      isCurrent = false;
    };
    // After a restart, the server may know the request.
  }, [id, row, connection === "lost"]);
  const article = useRef<HTMLElement>(null);
  const isThere = exchange !== undefined;
  useEffect(() => {
    if (takesFocus && isThere) article.current?.querySelector("h2")?.focus();
  }, [takesFocus, isThere]);
  return (
    <article ref={article} class="detail" aria-label="Open request">
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
