import type { RefObject, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { ExchangeSummary } from "../../api.ts";
import { loadOlder, useSelected } from "../live-page.ts";
import { goTo } from "../use-route.ts";
import { scrolledTo, windowOf } from "./list-window.ts";
import { RequestRow } from "./request-row.tsx";

/** In pixels. The style sheet has the same figure. */
const rowHeight = 56;

interface Props {
  readonly rows: readonly ExchangeSummary[];
  readonly openId: string | undefined;
  /** The id of the row that keys act on. */
  readonly cursor: string | undefined;
  readonly isShown: boolean;
  readonly isLoaded: boolean;
  readonly isFiltered: boolean;
}

/** All requests. The document has only the rows in sight and a few more. */
export function RequestList({ rows, openId, cursor, isShown, isLoaded, isFiltered }: Props): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const height = useHeight(box);
  const rememberFirstRow = useSteadyRows(box, rows);
  const hasOlder = useSelected((state) => state.before !== undefined);

  useLayoutEffect(() => {
    const element = box.current;
    const at = cursor === undefined ? -1 : rows.findIndex(({ id }) => id === cursor);
    if (element === null || at === -1 || !isShown || element.clientHeight === 0) return;
    element.scrollTop = scrolledTo(at, rowHeight, element.scrollTop, element.clientHeight);
    rememberFirstRow();
    // Not when rows change: a row that arrives must not scroll the list back to the cursor.
  }, [cursor, isShown, openId]);

  const { from, to } = windowOf(rows.length, rowHeight, scrollTop, height);
  const inSight = rows.slice(from, to);
  return (
    <div
      ref={box}
      class="list"
      role="listbox"
      tabIndex={0}
      aria-label="Requests, newest first"
      aria-busy={!isLoaded}
      aria-activedescendant={inSight.some(({ id }) => id === cursor) ? `row-${cursor}` : undefined}
      onScroll={({ currentTarget }) => {
        setScrollTop(currentTarget.scrollTop);
        rememberFirstRow();
        const left = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight;
        if (left < rowHeight * 10 && hasOlder) void loadOlder();
      }}
    >
      <div class="list-space" style={{ height: `${rows.length * rowHeight}px` }}>
        {inSight.map((row, index) => (
          <RequestRow
            key={row.id}
            row={row}
            top={(from + index) * rowHeight}
            position={from + index + 1}
            count={rows.length}
            isOpen={row.id === openId}
            hasCursor={row.id === cursor}
            open={() => goTo({ view: "requests", id: row.id })}
          />
        ))}
      </div>
      {!isLoaded && <p class="muted pad">Loading…</p>}
      {isLoaded && rows.length === 0 && (
        <p class="muted pad">{isFiltered ? "No requests match the filter." : "No requests."}</p>
      )}
      {hasOlder && (
        <p class="pad">
          <button type="button" class="button small" onClick={() => void loadOlder()}>
            Load older requests
          </button>
        </p>
      )}
    </div>
  );
}

/** @returns the height of the element in pixels. The component is drawn again when it changes. */
function useHeight(box: RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return height;
}

/**
 * Keeps the rows in sight in place when other rows arrive above them, unless the list is scrolled to its top.
 * @returns a function to call after each scroll. It remembers which row is the first in sight.
 */
function useSteadyRows(box: RefObject<HTMLElement | null>, rows: readonly ExchangeSummary[]): () => void {
  const first = useRef<{ readonly id: string; readonly offset: number }>(undefined);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || first.current === undefined || element.scrollTop === 0) return;
    const { id, offset } = first.current;
    const at = rows.findIndex((row) => row.id === id);
    if (at !== -1) element.scrollTop = at * rowHeight + offset;
  }, [rows]);
  return () => {
    const top = box.current?.scrollTop ?? 0;
    const row = rows[Math.floor(top / rowHeight)];
    first.current = row === undefined ? undefined : { id: row.id, offset: top % rowHeight };
  };
}
