/**
 * Clears the list of requests. The journal deletes them only after a while, so that the user can undo it.
 */
import { api } from "../api-client.ts";
import { readRoute } from "../hash-route.ts";
import { dispatch, showError, store } from "../live-page.ts";
import { goTo } from "../use-route.ts";

const undoMs = 10_000;

let timer: ReturnType<typeof setTimeout> | undefined;

export function clearRequests(): void {
  clearTimeout(timer);
  dispatch({ type: "clear" });
  timer = setTimeout(() => void deleteCleared(), undoMs);
  addEventListener("pagehide", deleteAtEnd);
  const route = readRoute(location.hash);
  if (route.view === "requests" && route.id !== undefined) goTo({ view: "requests" });
}

export function undoClear(): void {
  forgetTimer();
  dispatch({ type: "restore" });
}

/** Deletes without waiting for the end of the time to undo. */
export async function deleteCleared(): Promise<void> {
  forgetTimer();
  const { cleared } = store.state();
  if (cleared === undefined) return;
  try {
    await api.clear(cleared.until);
    dispatch({ type: "deleted" });
  } catch (error) {
    dispatch({ type: "restore" });
    showError(error);
  }
}

function deleteAtEnd(): void {
  forgetTimer();
  const { cleared } = store.state();
  if (cleared === undefined) return;
  void api.clear(cleared.until).catch(() => undefined);
  // A browser may show this page again when the user goes back.
  dispatch({ type: "deleted" });
}

function forgetTimer(): void {
  clearTimeout(timer);
  removeEventListener("pagehide", deleteAtEnd);
}
