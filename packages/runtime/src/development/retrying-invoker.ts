/**
 * For services that change while they are served: a function whose file does not load may just be being written. What
 * did not load did not run either, so it is tried again with the next version, if there is one.
 */
import type { Invocation, Invoker, Outcome } from "../pool/invocation.ts";
import type { Gate } from "../gateway/gate.ts";

/** In which the news of a change arrives. */
const newsMs = 60;
const triesAtMost = 3;

export class RetryingInvoker implements Invoker {
  readonly #inner: Invoker;
  readonly #gate: Gate;

  constructor(inner: Invoker, gate: Gate) {
    this.#inner = inner;
    this.#gate = gate;
  }

  async invoke(invocation: Invocation): Promise<Outcome> {
    for (let tries = 1; ; tries += 1) {
      const changes = this.#gate.changes;
      const outcome = await this.#inner.invoke(invocation);
      if (!isUnloadable(outcome) || tries === triesAtMost || invocation.isAbandoned) return outcome;
      if (this.#gate.changes === changes) await new Promise((resolve) => setTimeout(resolve, newsMs));
      if (this.#gate.changes === changes) return outcome;
      await this.#gate.opened();
    }
  }

  abandon(invocation: Invocation): void {
    this.#inner.abandon(invocation);
  }
}

function isUnloadable(outcome: Outcome): boolean {
  return outcome.kind === "failed" && (outcome.code === "function-load-failed" || outcome.code === "handler-missing");
}
