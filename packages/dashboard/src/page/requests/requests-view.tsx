import type { VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { api } from "../api-client.ts";
import { isOnControl, useKeys } from "../keyboard.ts";
import { complain, dispatch, store, useSelected } from "../live-page.ts";
import { goTo } from "../use-route.ts";
import { FilterBar } from "./filter-bar.tsx";
import { RequestList } from "./request-list.tsx";
import { RequestPane } from "./request-pane.tsx";
import { matchingRows } from "./row-filter.ts";
import { Start } from "./start.tsx";

/** The list, and beside it the request that is open. */
export function RequestsView({ id, isShown }: { readonly id: string | undefined; readonly isShown: boolean }): VNode {
  const rows = useSelected((state) => state.rows);
  const filter = useSelected((state) => state.filter);
  const isLoaded = useSelected((state) => state.isLoaded);
  const isPaused = useSelected((state) => state.isPaused);
  const shown = useMemo(() => matchingRows(rows, filter), [rows, filter]);
  const [cursor, setCursor] = useState<string>();
  // Keys may come faster than the page is drawn.
  const latest = useRef<string>(undefined);
  const setBoth = (next: string): void => {
    latest.current = next;
    setCursor(next);
  };
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (id !== undefined) setBoth(id);
  }, [id]);

  const move = (step: number): void => {
    const at = shown.findIndex((row) => row.id === latest.current);
    const next = shown[at === -1 ? 0 : Math.min(Math.max(at + step, 0), shown.length - 1)];
    if (next === undefined) return;
    setBoth(next.id);
    // From one open request to the next is no way that one goes back step by step.
    if (id !== undefined) goTo({ view: "requests", id: next.id }, true);
  };
  const down = (event: KeyboardEvent): void => {
    event.preventDefault();
    move(1);
  };
  const up = (event: KeyboardEvent): void => {
    event.preventDefault();
    move(-1);
  };
  useKeys(
    {
      j: down,
      k: up,
      // In the open request they scroll.
      ArrowDown: (event) => void (isInDetail(event) || down(event)),
      ArrowUp: (event) => void (isInDetail(event) || up(event)),
      Enter: (event) => {
        const meant = latest.current;
        if (meant !== undefined && !isOnControl(event)) goTo({ view: "requests", id: meant });
      },
      Escape: () => void (id !== undefined && goTo({ view: "requests" })),
      "/": (event) => {
        event.preventDefault();
        search.current?.focus();
        search.current?.select();
      },
      r: () => {
        const replayed = id ?? latest.current;
        if (replayed !== undefined) void replay(replayed);
      },
      e: () => {
        const from = id ?? latest.current;
        if (from !== undefined) goTo({ view: "simulator", kind: "plain", from });
      },
      p: () => dispatch({ type: store.state().isPaused ? "resume" : "pause" }),
    },
    isShown,
  );

  const hasNone = isLoaded && rows.length === 0 && !isPaused;
  return (
    <div class={`requests${id === undefined ? "" : " has-open"}`}>
      <div class="list-pane">
        {!hasNone && <FilterBar search={search} shown={shown.length} />}
        {hasNone ? (
          <Start />
        ) : (
          <RequestList rows={shown} openId={id} cursor={cursor} isShown={isShown} isLoaded={isLoaded} />
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
        "The first request is shown here as soon as it comes."
      ) : (
        <>
          Choose a request. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>?</kbd> shows all keys.
        </>
      )}
    </p>
  );
}

function isInDetail({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.closest(".detail-pane") !== null;
}

async function replay(id: string): Promise<void> {
  try {
    const sent = await api.replay(id);
    goTo({ view: "requests", id: sent.id });
  } catch (error) {
    complain(error);
  }
}
