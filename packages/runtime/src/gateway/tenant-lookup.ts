/** Waits for a tenant that is not available at once: its lookup takes time, or it is just changing. */
import type { Connection } from "./exchange.ts";

/** The longest delay that a timer can have. */
const maxTimerMs = 2 ** 31 - 1;

export interface Lookup<T> {
  readonly result: Promise<T>;
  /** How long the lookup may take. `Infinity` for no limit. */
  readonly timeoutMs: number;
  /** The connection whose request waits. */
  readonly connection: Connection;
}

/** Exactly one of these is called, once. A later result of the lookup is ignored. */
export interface LookupListener<T> {
  onFound(value: T): void;
  /** @param detail for the log. */
  onFailed(detail: string): void;
  /** The client has left. */
  onGone(): void;
}

export function awaitLookup<T>({ result, timeoutMs, connection }: Lookup<T>, listener: LookupListener<T>): void {
  let isOver = false;
  const end = (): boolean => {
    if (isOver) return false;
    isOver = true;
    clearTimeout(timer);
    connection.onGone?.delete(onGone);
    return true;
  };
  const onGone = (): void => {
    if (end()) listener.onGone();
  };
  const onTimeout = (): void => {
    if (end()) listener.onFailed(`no answer within ${timeoutMs} ms`);
  };
  const timer = timeoutMs <= maxTimerMs ? setTimeout(onTimeout, timeoutMs) : undefined;
  (connection.onGone ??= new Set()).add(onGone);
  result.then(
    (value) => {
      // A destroyed connection emits its end a moment later.
      if (connection.socket.destroyed) onGone();
      else if (end()) listener.onFound(value);
    },
    (error: unknown) => {
      if (end()) listener.onFailed(describeLookupError(error));
    },
  );
}

export function describeLookupError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
