import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { api } from "../api-client.ts";
import { isOnControl, useKeys } from "../keyboard.ts";
import { showError, dispatch, store } from "../live-page.ts";
import { goTo } from "../use-route.ts";
import type { ListCursor } from "./list-cursor.ts";

interface RequestKeysOptions {
  readonly cursor: ListCursor;
  readonly openId: string | undefined;
  readonly search: RefObject<HTMLInputElement | null>;
  readonly isShown: boolean;
}

interface RequestKeys {
  /** The id of the open request if it was opened with a key: its heading then gets the focus. */
  readonly enteredId: string | undefined;
}

/** Keys move the cursor, and act on the open request, or on the row at the cursor if none is open. */
export function useRequestKeys({ cursor, openId, search, isShown }: RequestKeysOptions): RequestKeys {
  const entered = useRef<string>(undefined);
  useEffect(() => {
    if (openId !== entered.current) entered.current = undefined;
  }, [openId]);
  const down = (event: KeyboardEvent): void => {
    event.preventDefault();
    cursor.move(1);
  };
  const up = (event: KeyboardEvent): void => {
    event.preventDefault();
    cursor.move(-1);
  };
  useKeys(
    {
      j: down,
      k: up,
      // Inside the open request, the arrow keys scroll.
      ArrowDown: (event) => void (isInDetail(event) || down(event)),
      ArrowUp: (event) => void (isInDetail(event) || up(event)),
      Enter: (event) => {
        const id = cursor.latest();
        if (id === undefined || isOnControl(event)) return;
        entered.current = id;
        if (id === openId) document.querySelector<HTMLElement>(".detail-pane h2")?.focus();
        else goTo({ view: "requests", id });
      },
      Escape: () => {
        if (openId === undefined) return;
        goTo({ view: "requests" });
        // The heading that has the focus is about to go.
        document.querySelector<HTMLElement>(".list")?.focus();
      },
      "/": (event) => {
        event.preventDefault();
        search.current?.focus();
        search.current?.select();
      },
      r: () => {
        const id = openId ?? cursor.latest();
        if (id !== undefined) void replay(id);
      },
      e: () => {
        const from = openId ?? cursor.latest();
        if (from !== undefined) goTo({ view: "simulator", kind: "plain", from });
      },
      p: () => dispatch({ type: store.state().isPaused ? "resume" : "pause" }),
    },
    isShown,
  );
  return { enteredId: entered.current };
}

function isInDetail({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.closest(".detail-pane") !== null;
}

async function replay(id: string): Promise<void> {
  try {
    const sent = await api.replay(id);
    goTo({ view: "requests", id: sent.id });
  } catch (error) {
    showError(error);
  }
}
