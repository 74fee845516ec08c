/**
 * The one seam between the path of a request and development. A tenant in production has no hooks, and then nothing of
 * development is loaded.
 */
import type { ReplyErrorCode } from "../errors.ts";
import type { GivenHint } from "../observe/channels.ts";
import type { FailedOutcome, ReplyOutcome } from "../pool/invocation.ts";
import type { Exchange } from "./exchange.ts";

export interface DevelopmentHooks {
  /** Called once for each invocation that ends without a reply of the author's. */
  reportFailure(exchange: Exchange, outcome: FailedOutcome): FailureReport;
  /** For the log: the error that the author passed to `callback()`, which has become the body. */
  detailOf(outcome: ReplyOutcome): string | undefined;
  /** For the log and the caller: why the gateway itself refuses a request, where an author may not expect it. */
  hintsOfRefusal(code: ReplyErrorCode, path: string): readonly GivenHint[];
}

export interface FailureReport {
  /** For the log. */
  readonly hints: readonly GivenHint[];
  /** What the caller gets. Undefined where it is what callers get in production. */
  readonly content: Content | undefined;
}

/** The body of a failure's reply. */
export interface Content {
  readonly type: string;
  readonly text: string;
  /** Further headers, names and values in turn. */
  readonly headers?: readonly string[];
}
