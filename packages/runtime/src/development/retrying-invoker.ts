/**
 * For services that change while they are served. A file that does not load may be half written. Its function has not
 * run, so the invoker retries the invocation with the next version of the service, if there is one.
 */
import type { Gate } from "../gateway/gate.ts";
import type { Invocation, Invoker, Outcome } from "../pool/invocation.ts";

/** Milliseconds that the notice of a change may take to arrive. */
const noticeMs = 60;
const maxTries = 3;

export class RetryingInvoker implements Invoker {
  readonly #inner: Invoker;
  readonly #gate: Gate;
  readonly #onRetry: (invocation: Invocation) => void;

  /** @param onRetry called before an invocation is retried. */
  constructor(inner: Invoker, gate: Gate, onRetry: (invocation: Invocation) => void = () => undefined) {
    this.#inner = inner;
    this.#gate = gate;
    this.#onRetry = onRetry;
  }

  async invoke(invocation: Invocation): Promise<Outcome> {
    for (let tries = 1; ; tries += 1) {
      const changes = this.#gate.closeCount;
      const outcome = await this.#inner.invoke(invocation);
      if (!isUnloadable(outcome) || tries === maxTries || invocation.isAbandoned) return outcome;
      if (this.#gate.closeCount === changes) await new Promise((resolve) => setTimeout(resolve, noticeMs));
      if (this.#gate.closeCount === changes) return outcome;
      await this.#gate.opened();
      this.#onRetry(invocation);
    }
  }

  abandon(invocation: Invocation): void {
    this.#inner.abandon(invocation);
  }
}

function isUnloadable(outcome: Outcome): boolean {
  return outcome.kind === "failed" && (outcome.code === "function-load-failed" || outcome.code === "handler-missing");
}
