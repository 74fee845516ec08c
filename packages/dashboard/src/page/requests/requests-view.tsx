import type { VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";

import { useSelected } from "../live-page.ts";
import { FilterBar } from "./filter-bar.tsx";
import { useListCursor } from "./list-cursor.ts";
import { useRequestKeys } from "./request-keys.ts";
import { RequestList } from "./request-list.tsx";
import { RequestPane } from "./request-pane.tsx";
import { matchingRows } from "./row-filter.ts";
import { Start } from "./start.tsx";

/** The list of requests, and beside it the request that is open. */
export function RequestsView({ id, isShown }: { readonly id: string | undefined; readonly isShown: boolean }): VNode {
  const rows = useSelected((state) => state.rows);
  const filter = useSelected((state) => state.filter);
  const isLoaded = useSelected((state) => state.isLoaded);
  const isPaused = useSelected((state) => state.isPaused);
  const shown = useMemo(() => matchingRows(rows, filter), [rows, filter]);
  const cursor = useListCursor(shown, id);
  const search = useRef<HTMLInputElement>(null);
  useRequestKeys({ cursor, openId: id, search, isShown });

  const hasNone = isLoaded && rows.length === 0 && !isPaused;
  return (
    <div class={`requests${id === undefined ? "" : " has-open"}`}>
      <div class="list-pane">
        {!hasNone && <FilterBar search={search} shown={shown.length} />}
        {hasNone ? (
          <Start />
        ) : (
          <RequestList rows={shown} openId={id} cursor={cursor.shown} isShown={isShown} isLoaded={isLoaded} />
        )}
      </div>
      <div class="detail-pane">
        {id === undefined ? <Choose hasNone={hasNone} /> : <RequestPane key={id} id={id} />}
      </div>
    </div>
  );
}

function Choose({ hasNone }: { readonly hasNone: boolean }): VNode {
  return (
    <p class="choose muted">
      {hasNone ? (
        "The first request will appear here."
      ) : (
        <>
          Select a request. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>?</kbd> shows all keys.
        </>
      )}
    </p>
  );
}
