import { setTimeout as delay } from "node:timers/promises";

/** False when it was cut short, or is already over. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return delay(ms, true, { signal }).catch(() => false);
}
