import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { ExchangeSummary } from "../../api.ts";
import { loadOlder, useSelected } from "../live-page.ts";
import { goTo } from "../use-route.ts";
import { scrolledTo, windowOf } from "./list-window.ts";
import { RequestRow } from "./request-row.tsx";

/** As in the style sheet. */
const rowHeight = 56;

interface Props {
  readonly rows: readonly ExchangeSummary[];
  readonly openId: string | undefined;
  /** The row that the keys are on. */
  readonly cursor: string | undefined;
  readonly isShown: boolean;
  readonly isLoaded: boolean;
}

/** All requests; in the document are only those in sight. */
export function RequestList({ rows, openId, cursor, isShown, isLoaded }: Props): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(600);
  const hasOlder = useSelected((state) => state.before !== undefined);
  const held = useRef<{ readonly id: string; readonly offset: number }>(undefined);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // Who has scrolled down to read is not moved by what arrives above.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || held.current === undefined || element.scrollTop === 0) return;
    const { id, offset } = held.current;
    const at = rows.findIndex((row) => row.id === id);
    if (at !== -1) element.scrollTop = at * rowHeight + offset;
  }, [rows]);
  const remember = (): void => {
    const top = box.current?.scrollTop ?? 0;
    const first = rows[Math.floor(top / rowHeight)];
    held.current = first === undefined ? undefined : { id: first.id, offset: top % rowHeight };
  };

  useLayoutEffect(() => {
    const element = box.current;
    const at = cursor === undefined ? -1 : rows.findIndex(({ id }) => id === cursor);
    if (element === null || at === -1 || !isShown || element.clientHeight === 0) return;
    element.scrollTop = scrolledTo(at, rowHeight, element.scrollTop, element.clientHeight);
    remember();
    // Only where the cursor went somewhere: what arrives moves nothing.
  }, [cursor, isShown, openId]);

  const { from, to } = windowOf(rows.length, rowHeight, scrollTop, height);
  const inSight = rows.slice(from, to);
  return (
    <div
      ref={box}
      class="list"
      role="listbox"
      tabIndex={0}
      aria-label="Requests, the newest first"
      aria-busy={!isLoaded}
      aria-activedescendant={inSight.some(({ id }) => id === cursor) ? `row-${cursor}` : undefined}
      onScroll={({ currentTarget }) => {
        setScrollTop(currentTarget.scrollTop);
        remember();
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
      {isLoaded && rows.length === 0 && <p class="muted pad">No request matches the filter.</p>}
      {hasOlder && (
        <p class="pad">
          <button type="button" class="button small" onClick={() => void loadOlder()}>
            Older requests
          </button>
        </p>
      )}
    </div>
  );
}
