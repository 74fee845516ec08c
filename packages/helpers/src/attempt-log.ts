/**
 * Console output of a call with options: by default the same as `retryHandler`'s, with `log` a line for each attempt.
 */
import type { Failure } from "./failure.ts";
import { textOf } from "./failure.ts";
import type { FunctionContext } from "./function-types.ts";
import { callName, logFailure, logRetry } from "./retry-handler.ts";
import type { AttemptRecord } from "./attempt.ts";

/** One attempt, as structured data. */
export interface AttemptLine {
  readonly event: "attempt";
  /** Of the function. */
  readonly path: string | undefined;
  readonly name: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly outcome: "success" | "retry" | "failure";
  readonly status: number;
  readonly code?: number | string | undefined;
  readonly message?: string;
  readonly tookMs: number;
  /** Until the next attempt. */
  readonly waitMs?: number;
  /** Remaining milliseconds of the call when the attempt ended. `null`: there is no limit. */
  readonly remainingMs: number | null;
  /** Twilio's id of the request, which its support asks for. */
  readonly twilioRequestId?: string;
}

const levels = { success: "info", retry: "warn", failure: "error" } as const;

export class AttemptLog {
  readonly #context: FunctionContext;
  readonly #name: string;
  readonly #log: boolean | ((line: AttemptLine) => unknown);

  constructor(context: FunctionContext, name: string, log: boolean | ((line: AttemptLine) => unknown) = false) {
    this.#context = context;
    this.#name = name;
    this.#log = log;
  }

  succeeded(record: AttemptRecord, tookMs: number): void {
    if (this.#log !== false) this.#write(record, { outcome: "success", status: 200, tookMs });
  }

  retrying(record: AttemptRecord, failure: Failure, tookMs: number, waitMs: number): void {
    if (this.#log === false) logRetry(this.#call, record.attempt - 1, failure);
    else this.#write(record, { outcome: "retry", ...failed(failure), tookMs, waitMs });
  }

  failed(record: AttemptRecord, failure: Failure, tookMs: number): void {
    if (this.#log === false) logFailure(this.#call, record.attempt - 1, failure);
    else this.#write(record, { outcome: "failure", ...failed(failure), tookMs });
  }

  get #call(): string {
    return callName(this.#context, this.#name);
  }

  #write(record: AttemptRecord, rest: Pick<AttemptLine, "outcome" | "status" | "tookMs"> & Partial<AttemptLine>): void {
    const { attempt, remainingMs, twilioRequestId } = record;
    const line: AttemptLine = {
      event: "attempt",
      path: this.#context?.PATH,
      name: this.#name,
      attempt,
      ...rest,
      remainingMs: Number.isFinite(remainingMs) ? remainingMs : null,
      ...(twilioRequestId !== undefined && { twilioRequestId }),
    };
    if (typeof this.#log === "function") void this.#callLog(this.#log, line);
    else console[levels[line.outcome]](JSON.stringify(line));
  }

  /**
   * An error of the author's `log` function must not fail the call: the call has been made and must not be repeated.
   */
  async #callLog(log: (line: AttemptLine) => unknown, line: AttemptLine): Promise<void> {
    try {
      await log(line);
    } catch (problem) {
      console.error(`(${this.#context?.PATH}) The log function failed: ${textOf(problem)}`);
    }
  }
}

function failed({ status, twilioErrorCode, message }: Failure): Pick<AttemptLine, "status" | "code" | "message"> {
  return { status, code: twilioErrorCode, message: textOf(message) };
}
