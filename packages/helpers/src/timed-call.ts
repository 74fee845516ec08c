/**
 * A call with options. It knows how much time its invocation has left, and fails early enough for the function to
 * reply. Without that, the time limit would end the call and its function.
 *
 *     attempt ──ok──▶ success
 *        │  ╰─error─▶ retryable? ──no──▶ failure
 *        │               │yes
 *        │               ├─ no retries left, or not enough time left to wait and call again
 *        │               │      ╰──▶ failure, `retryable`, `retryAfterSeconds`
 *        ╰────wait───────╯
 */
import { DeadlineError, AttemptRecord } from "./attempt.ts";
import { AttemptLog, type AttemptLine } from "./attempt-log.ts";
import {
  enterCircuit,
  leaveCircuit,
  verdictOfError,
  verdictOfSilence,
  type BreakerOptions,
} from "./circuit-breaker.ts";
import { clock, wait } from "./clock.ts";
import { failureOf, isRetryable, type Failure, type Result } from "./failure.ts";
import type { FunctionContext } from "./function-types.ts";
import { invocationOf, timeLeftMs } from "./invocation.ts";
import { retryAfterMsOf } from "./retry-after.ts";
import { backoffMs, retryLimit, type Backoff } from "./retry-settings.ts";

export interface CallOptions extends Backoff {
  /** Name in the log; by default the name of the callback. */
  readonly name?: string;
  /** Maximum number of retries; `TWILIO_SERVICE_RETRY_LIMIT` by default. */
  readonly retries?: number;
  /** Milliseconds of the invocation to keep for the rest of the function; 500 by default. */
  readonly reserveMs?: number;
  /** Ends the call when it is aborted. */
  readonly signal?: AbortSignal;
  /** Logs a line of JSON for each attempt, or passes it to a function, which may be asynchronous. */
  readonly log?: boolean | ((line: AttemptLine) => unknown);
}

export interface ExecuteOptions extends CallOptions {
  /** Circuit breaker: stops calls to this host for a while after repeated failures. */
  readonly breaker?: string | ({ readonly host: string } & BreakerOptions);
}

export interface TwilioExecuteOptions extends CallOptions {
  /** Circuit breaker: stops calls to a host of Twilio for a while after repeated failures. */
  readonly breaker?: boolean | BreakerOptions;
}

const reserveByDefaultMs = 500;
/** Maximum wait before a retry, even if there is more time. */
const maxWaitMs = 60_000;

/**
 * @param named its name is used in the log, unless an option sets another.
 * @param call makes one attempt.
 */
export async function runTimedCall<T>(
  context: FunctionContext,
  named: { readonly name: string } | undefined,
  call: (record: AttemptRecord) => T | Promise<T>,
  options: CallOptions,
): Promise<Result<T>> {
  const { retries = retryLimit(), reserveMs = reserveByDefaultMs } = options;
  const signals = [context?.signal, options.signal].filter((signal) => signal instanceof AbortSignal);
  const log = new AttemptLog(context, options.name ?? named?.name ?? "", options.log);
  const budgetMs = (): number => timeLeftMs(context) - reserveMs;
  let maxMs = 0;
  for (let attempt = 1; ; attempt += 1) {
    const record = new AttemptRecord(attempt, budgetMs());
    const beganAt = clock().now();
    let error: unknown;
    try {
      assertWorthwhile(record, signals);
      const data = await record.run(() => call(record), signals);
      log.succeeded(record, clock().now() - beganAt);
      return { success: true, data, status: 200 };
    } catch (thrown) {
      error = thrown;
    }
    const tookMs = clock().now() - beganAt;
    maxMs = Math.max(maxMs, tookMs);
    const plan = planAfter(error, record, attempt, options);
    const isInTime = plan.waitMs <= maxWaitMs && plan.waitMs + maxMs <= budgetMs();
    const canWait = plan.canRetry && attempt - 1 < retries && isInTime;
    if (canWait && !signals.some(({ aborted }) => aborted)) {
      log.retrying(record, plan.failure, tookMs, plan.waitMs);
      await wait(plan.waitMs, anyOf(signals));
      if (!signals.some(({ aborted }) => aborted)) continue;
    }
    log.failed(record, plan.failure, tookMs);
    return reported(context, plan, error);
  }
}

interface Plan {
  readonly failure: Failure;
  readonly canRetry: boolean;
  readonly waitMs: number;
}

function planAfter(error: unknown, record: AttemptRecord, attempt: number, options: CallOptions): Plan {
  const failure = failureOf(error);
  const toldMs = retryAfterMsOf(error, record.headersOf(failure.status));
  // After a conflict, the newer state is available at once.
  const waitMs = failure.status === 412 ? 0 : Math.max(backoffMs(attempt - 1, options), toldMs ?? 0);
  return { failure, canRetry: isRetryable(error), waitMs };
}

/** @throws if the attempt should not start, because a signal is aborted or no time is left. */
function assertWorthwhile(record: AttemptRecord, signals: readonly AbortSignal[]): void {
  for (const signal of signals) signal.throwIfAborted();
  if (record.remainingMs <= 0) throw new DeadlineError();
}

function reported(context: FunctionContext, { failure, canRetry, waitMs }: Plan, error: unknown): Failure {
  if (!canRetry && !(error instanceof DeadlineError)) return { ...failure, retryable: false };
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  invocationOf(context).givenUp = { status: failure.status, retryAfterSeconds };
  return { ...failure, retryable: true, retryAfterSeconds };
}

function anyOf(signals: readonly AbortSignal[]): AbortSignal | undefined {
  return signals.length < 2 ? signals[0] : AbortSignal.any([...signals]);
}

/** Puts a circuit breaker in front of a call, for the host that the author names. */
export function throughCircuit<T>(
  { breaker }: ExecuteOptions,
  call: (record: AttemptRecord) => T | Promise<T>,
): (record: AttemptRecord) => T | Promise<T> {
  if (breaker === undefined) return call;
  const { host, ...options } = typeof breaker === "string" ? { host: breaker } : breaker;
  return async (record) => {
    enterCircuit(host, options);
    // An abort settles the wrapper before the call, so the verdict of an aborted attempt is recorded here.
    const onAbort = (): void => {
      const isSilent = record.signal.reason instanceof DeadlineError;
      leaveCircuit(host, isSilent ? verdictOfSilence(record.budgetMs) : undefined, options);
    };
    record.signal.addEventListener("abort", onAbort, { once: true });
    try {
      const data = await call(record);
      if (!record.signal.aborted) leaveCircuit(host, "works", options);
      return data;
    } catch (error) {
      if (!record.signal.aborted) leaveCircuit(host, verdictOfError(error), options);
      throw error;
    } finally {
      record.signal.removeEventListener("abort", onAbort);
    }
  };
}
