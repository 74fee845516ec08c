/**
 * The words of the soak.
 *
 * - request kind: a sort of request, and what has to come back.
 * - test request: one request of a kind, with its nonce.
 * - tolerated error: an error of the ledger that a request may get because of what the soak did meanwhile (killed an isolate,
 *   asked for more at once than is allowed). Each has a bound.
 */
import type { Random } from "./random.ts";
import type { Reply } from "./reply.ts";

export const groups = ["well-behaved", "refused", "slow", "leaky", "crashing", "burst", "hostile"] as const;
export type Group = (typeof groups)[number];

/** What the requests are made for. */
export interface RequestContext {
  readonly port: number;
  readonly authToken: string;
  /** The asset's text. */
  readonly knownText: string;
  /** `context.GENERATION` is at least this: what `.env` said some while ago. */
  readonly minGeneration: () => number;
}

export interface TestRequest {
  readonly bytes: string;
  readonly isHead?: boolean;
  readonly status: number;
  /** The ledger's; none for an own answer. */
  readonly code?: string;
  /** Undefined where the answer is right, else what is wrong with it. */
  readonly check?: (reply: Reply) => string | undefined;
}

export interface RequestKind {
  readonly name: string;
  readonly group: Group;
  /** How often, in proportion to the others. */
  readonly weight: number;
  makeRequest(context: RequestContext, nonce: string, random: Random): TestRequest;
}

/** The answer is exactly this text. */
export function isText(expected: string): (reply: Reply) => string | undefined {
  return ({ body }) =>
    body === expected ? undefined : `body ${body.slice(0, 120)} in place of ${expected.slice(0, 120)}`;
}
