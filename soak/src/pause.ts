import { setTimeout as delay } from "node:timers/promises";

/** Resolves with false if the signal is aborted before or during the pause. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return delay(ms, true, { signal }).catch(() => false);
}
