import type { VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";

import type { ExchangeSummary } from "../../api.ts";
import { useSelected } from "../live-page.ts";
import { FilterBar } from "./filter-bar.tsx";
import { useFilterInUrl } from "./filter-in-url.ts";
import { useListCursor } from "./list-cursor.ts";
import { useRequestKeys } from "./request-keys.ts";
import { RequestList } from "./request-list.tsx";
import { RequestPane } from "./request-pane.tsx";
import { foregroundRows, isFiltering, matchingRows, type RowFilter } from "./row-filter.ts";
import { Start } from "./start.tsx";

/** A longer list does not belong to somebody who has just started. */
const fewRows = 10;

interface RequestsViewProps {
  readonly id: string | undefined;
  /** The filter in the URL, if it has one. */
  readonly linkedFilter: RowFilter | undefined;
  readonly isShown: boolean;
}

/** The list of requests, and beside it the request that is open. */
export function RequestsView({ id, linkedFilter, isShown }: RequestsViewProps): VNode {
  const rows = useSelected((state) => state.rows);
  const filter = useFilterInUrl(linkedFilter, id, isShown);
  const isLoaded = useSelected((state) => state.isLoaded);
  const isPaused = useSelected((state) => state.isPaused);
  const foreground = useMemo(() => foregroundRows(rows, filter), [rows, filter.hasAssets]);
  const shown = useMemo(() => matchingRows(foreground, filter), [foreground, filter]);
  const cursor = useListCursor(shown, id);
  const search = useRef<HTMLInputElement>(null);
  const { enteredId } = useRequestKeys({ cursor, openId: id, search, isShown });

  const hidden = rows.length - foreground.length;
  const hasNone = isLoaded && foreground.length === 0 && !isPaused;
  if (hasNone && id === undefined) return <Start count={0} hidden={hidden} />;
  return (
    <div class={`requests${id === undefined ? "" : " has-open"}`}>
      <div class="list-pane">
        <FilterBar search={search} shown={shown.length} count={foreground.length} />
        <RequestList
          rows={shown}
          openId={id}
          cursor={cursor.shown}
          isShown={isShown}
          isLoaded={isLoaded}
          isFiltered={isFiltering(filter)}
        />
      </div>
      <div class="detail-pane">
        {id === undefined ? (
          <Choose rows={foreground} />
        ) : (
          <RequestPane key={id} id={id} takesFocus={id === enteredId} />
        )}
      </div>
    </div>
  );
}

/** The pane beside the list while no request is open. */
function Choose({ rows }: { readonly rows: readonly ExchangeSummary[] }): VNode {
  const isLoaded = useSelected((state) => state.isLoaded);
  const isFirst = useMemo(
    () => rows.length <= fewRows && !rows.some(({ resource }) => resource === "function"),
    [rows],
  );
  if (isLoaded && isFirst) return <Start count={rows.length} hidden={0} />;
  return (
    <p class="choose muted">
      Select a request. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>?</kbd> shows all keys.
    </p>
  );
}
