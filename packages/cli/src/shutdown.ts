/**
 * Signals. The first SIGINT, SIGTERM or SIGHUP (a closed terminal) lets running invocations finish. The second
 * kills everything.
 *
 *     serving ──signal──▶ stopping ──signal──▶ killing
 *                            │ stopped            │ killed, or a second has passed
 *                            ▼                    ▼
 *                          exit 0              exit 129, 130, 143
 */
import { constants } from "node:os";

export interface Stoppable {
  stop(): Promise<void>;
  kill(): void | Promise<void>;
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export type StopSignal = (typeof stopSignals)[number];

/** The part of `process` that is used here. */
export interface SignalSource {
  on(signal: StopSignal, listener: () => void): unknown;
  off(signal: StopSignal, listener: () => void): unknown;
}

/** How long we wait for killed processes to be gone. A person who signals twice wants the prompt back. */
const killDeadlineMs = 1000;

/**
 * Waits for the first signal, then for the server to stop or a second signal.
 * @returns 0 after a clean stop; 128 + the second signal's number (129, 130, 143) if there was one.
 * @throws the reason with which `server.stop()` or `server.kill()` rejects.
 */
export async function stopOnSignal(
  server: Stoppable,
  source: SignalSource,
  onFirst: (signal: StopSignal) => void,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let state: "serving" | "stopping" | "killing" = "serving";

  const stop = async (): Promise<void> => {
    await server.stop();
    // A kill also makes `stop()` resolve. That is not a clean stop.
    if (state === "stopping") resolve(0);
  };
  const kill = async (exitCode: number): Promise<void> => {
    const deadline = setTimeout(() => resolve(exitCode), killDeadlineMs);
    await server.kill();
    clearTimeout(deadline);
    resolve(exitCode);
  };
  const onSignal = (signal: StopSignal): void => {
    if (state === "serving") {
      state = "stopping";
      onFirst(signal);
      stop().catch(reject);
    } else if (state === "stopping") {
      state = "killing";
      kill(128 + constants.signals[signal]).catch(reject);
    }
  };

  const listeners = stopSignals.map((signal) => [signal, () => onSignal(signal)] as const);
  for (const [signal, listener] of listeners) source.on(signal, listener);
  try {
    return await promise;
  } finally {
    for (const [signal, listener] of listeners) source.off(signal, listener);
  }
}
