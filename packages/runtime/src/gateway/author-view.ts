/**
 * What a service shows its author, and nobody else. Loaded only for him.
 */
import { InvocationOutput } from "../observe/invocation-output.ts";
import type { FailedOutcome } from "../pool/invocation.ts";
import type { Exchange } from "./exchange.ts";
import { failurePage } from "./failure-page.ts";

export class AuthorView {
  readonly #folder: string;
  readonly #output = new InvocationOutput();

  /** @param folder the project's. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  readonly failurePage = (exchange: Exchange, outcome: FailedOutcome): string => {
    return failurePage(exchange, outcome, this.#folder, this.#output.of(exchange.requestId));
  };

  /** Listens no more. */
  stop(): void {
    this.#output.stop();
  }
}
