/** The state that the whole page shares, and the stream that keeps it up to date. */
import { useLayoutEffect, useState } from "preact/hooks";

import type { ExchangePage, ExchangeSummary, StreamEvent } from "../api.ts";
import { api, isRefused, sentence, streamUrl } from "./api-client.ts";
import { firstState, reducePage, type PageAction, type PageState } from "./page-state.ts";
import { knownIn } from "./requests/exchange-rows.ts";
import { createStore } from "./store.ts";

export const store = createStore<PageState, PageAction>(reducePage, firstState);
export const { dispatch } = store;

/** Returns a part of the state. The component is drawn again when that part changes. */
export function useSelected<T>(select: (state: PageState) => T): T {
  const selected = select(store.state());
  const [, setShown] = useState(selected);
  useLayoutEffect(() => {
    const update = (): void => setShown(() => select(store.state()));
    update();
    return store.subscribe(update);
  });
  return selected;
}

export function showError(error: unknown): void {
  dispatch({ type: "notice", level: "error", text: sentence(error) });
}

/** Rows that arrive within this time are shown in one update. */
const batchMs = 40;
const firstRetryMs = 500;
const maxRetryMs = 4000;
/** After a long absence, older pages of the list are not loaded. */
const maxPagesToCatchUp = 20;

/** Follows the server for as long as the page is open. The server may stop, and a new one may start in its place. */
export function followServer(): void {
  let retryMs = firstRetryMs;
  let waiting: ExchangeSummary[] = [];
  let isCaughtUp = false;
  let isTold = false;

  const flush = (): void => {
    isTold = false;
    if (!isCaughtUp) return;
    dispatch({ type: "arrived", exchanges: waiting.toReversed() });
    waiting = [];
  };
  const applyEvent = (event: StreamEvent): void => {
    switch (event.kind) {
      case "exchange":
        waiting.push(event.exchange);
        if (isTold) return;
        isTold = true;
        setTimeout(flush, batchMs);
        return;
      case "project":
        void loadProject();
        return;
      case "notice":
        dispatch({ type: "notice", level: event.level, text: event.text });
        return;
      default:
        // A newer server may send kinds of events that this page does not know.
        event satisfies never;
    }
  };
  let end = (): void => {};
  const connect = (): void => {
    end();
    const source = new EventSource(streamUrl());
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    end = () => {
      isOver = true;
      isCaughtUp = false;
      source.close();
      clearTimeout(timer);
    };
    const reconnectLater = (): void => {
      if (isOver) return;
      isCaughtUp = false;
      source.close();
      // A tab without access learns that at once. A tab that was open when the server stopped retries.
      timer = setTimeout(
        () => {
          void probeConnection().then((connection) => {
            if (isOver) return;
            dispatch({ type: "connection", connection });
            connect();
          });
        },
        store.state().connection === "connecting" ? 0 : retryMs,
      );
      if (store.state().connection === "live") dispatch({ type: "connection", connection: "lost" });
      retryMs = Math.min(retryMs * 2, maxRetryMs);
    };
    for (const kind of ["exchange", "project", "notice"] as const) {
      source.addEventListener(kind, ({ data }) => applyEvent(JSON.parse(String(data)) as StreamEvent));
    }
    source.addEventListener("error", reconnectLater);
    source.addEventListener("open", () => {
      catchUp().then(() => {
        if (isOver) return;
        retryMs = firstRetryMs;
        isCaughtUp = true;
        flush();
        dispatch({ type: "connection", connection: "live" });
      }, reconnectLater);
    });
  };
  // Browsers allow six connections per server, for all tabs together, so hidden tabs hold none.
  document.addEventListener("visibilitychange", () => (document.hidden ? end() : connect()));
  if (!document.hidden) connect();
}

/**
 * The browser does not say why a stream failed. Another request gets a new token after a restart, or learns the reason.
 */
async function probeConnection(): Promise<"lost" | "refused"> {
  try {
    await api.project();
    return "lost";
  } catch (error) {
    return isRefused(error) ? "refused" : "lost";
  }
}

async function catchUp(): Promise<void> {
  await Promise.all([loadProject(), loadSimulations(), api.prepareToResume()]);
  const isKnown = knownIn(store.state().rows);
  const missed: ExchangeSummary[] = [];
  let page: ExchangePage = await api.exchanges();
  for (let pages = 1; ; pages++) {
    missed.push(...page.exchanges);
    if (page.exchanges.some(isKnown)) return dispatch({ type: "arrived", exchanges: missed });
    const isFirst = !store.state().isLoaded;
    if (page.before === undefined || isFirst || pages >= maxPagesToCatchUp) break;
    page = await api.exchanges(page.before);
  }
  // If the server knows none of our rows, it is a different server.
  dispatch({ type: "listed", page: { ...page, exchanges: missed } });
}

async function loadProject(): Promise<void> {
  try {
    const project = await api.project();
    const currentProject = store.state().project;
    dispatch({ type: "project", project });
    if (currentProject !== undefined && currentProject.version !== project.version) {
      const text = `Offhook was updated to version ${project.version}. Reload this page (version ${currentProject.version}).`;
      dispatch({ type: "notice", level: "info", text });
    }
  } catch (error) {
    if (store.state().connection === "live") showError(error);
    else throw error;
  }
}

async function loadSimulations(): Promise<void> {
  dispatch({ type: "simulations", simulations: await api.simulations() });
}

let isLoadingOlder = false;

export async function loadOlder(): Promise<void> {
  const { before } = store.state();
  if (before === undefined || isLoadingOlder) return;
  isLoadingOlder = true;
  try {
    dispatch({ type: "older", page: await api.exchanges(before) });
  } catch (error) {
    showError(error);
  } finally {
    isLoadingOlder = false;
  }
}
