/**
 * The one seam between the path of a request and development. A tenant in production has no hooks, and loads no code
 * for development.
 */
import type { ReplyErrorCode } from "../errors.ts";
import type { GivenHint, SignatureDiagnosis, SourceExcerpt } from "../observe/channels.ts";
import type { FailedOutcome, ReplyOutcome } from "../pool/invocation.ts";
import type { AccessOptions } from "./access.ts";
import type { Exchange } from "./exchange.ts";
import type { Origin } from "./origin.ts";

export interface DevelopmentHooks {
  /** See `DevelopmentOptions`. If it is false, callers and costs are those of production. */
  readonly isAuthorCalling: boolean;
  /** Called once for each invocation that ends without the author's reply. */
  reportFailure(exchange: Exchange, outcome: FailedOutcome): FailureReport;
  /** Called with each reply of a function, after it was sent. */
  noteReply(exchange: Exchange, outcome: ReplyOutcome): void;
  /** For the log: the error that the author passed to `callback()`. It is the reply's body. */
  detailOf(outcome: ReplyOutcome): string | undefined;
  /** For the log and the caller: why the gateway rejects a request, if an author may not expect it. */
  hintsOfRefusal(code: ReplyErrorCode, path: string): readonly GivenHint[];
  /** For the log and the dashboard: what the caller probably meant by a path that does not exist. */
  hintsOfMissingPath(path: string): readonly GivenHint[];
  /**
   * Why the signature of a request was rejected. The result says which guess is valid. It is for the log and the
   * dashboard. Strangers who call through a tunnel must not get it.
   */
  diagnoseSignature(exchange: Exchange, rules: SignatureRules): Promise<SignatureDiagnosis | undefined>;
  /** The page that the author's browser shows for a refusal. Undefined for all other callers. */
  pageOfRefusal(exchange: Exchange, refusal: Refusal): Content | undefined;
  /**
   * Answers requests that belong to these pages, not to the project. They are not in the log.
   * @returns false if the request is an ordinary one. Then nothing was written.
   */
  answerOwn(exchange: Exchange): boolean;
}

export interface Refusal {
  readonly code: ReplyErrorCode;
  readonly status: number;
  readonly hints: readonly GivenHint[];
  readonly signatureDiagnosis: SignatureDiagnosis | undefined;
}

/** The part of a tenant that decides about signatures. */
export interface SignatureRules {
  readonly access: AccessOptions;
  readonly origin: Origin;
}

export interface FailureReport {
  /** For the log. */
  readonly hints: readonly GivenHint[];
  /** For the dashboard. Undefined if the failing line is not known. */
  readonly source: SourceExcerpt | undefined;
  /** The body for the caller. Undefined if it is the same as in production. */
  readonly content: Content | undefined;
}

/** The body of a failure's reply. */
export interface Content {
  readonly type: string;
  readonly text: string;
  /** More headers, as alternating names and values. */
  readonly headers?: readonly string[];
}
