/**
 * The terms of the soak.
 *
 * - request kind: a sort of request, and its right answer.
 * - test request: one request of a kind, with its nonce.
 * - tolerated error: an error of the ledger that a request may get because of the soak's own actions, such as a killed
 *   isolate or too many requests at once. Each has a bound.
 */
import type { Random } from "./random.ts";
import type { Reply } from "./reply.ts";

export const groups = ["well-behaved", "refused", "slow", "leaky", "crashing", "burst", "hostile"] as const;
export type Group = (typeof groups)[number];

/** The server and files that requests are made for. */
export interface RequestContext {
  readonly port: number;
  readonly authToken: string;
  /** The asset's text. */
  readonly knownText: string;
  /** The minimum of `context.GENERATION`: its value in `.env` some seconds ago. */
  readonly minGeneration: () => number;
}

export interface TestRequest {
  readonly bytes: string;
  readonly isHead?: boolean;
  readonly status: number;
  /** The code of the ledger. Absent for a function's own answer. */
  readonly code?: string;
  /** Returns the problem of a wrong answer, or undefined for a right one. */
  readonly check?: (reply: Reply) => string | undefined;
}

export interface RequestKind {
  readonly name: string;
  readonly group: Group;
  /** How often the kind is requested, in proportion to the others. */
  readonly weight: number;
  makeRequest(context: RequestContext, nonce: string, random: Random): TestRequest;
}

/** The answer is exactly this text. */
export function isText(expected: string): (reply: Reply) => string | undefined {
  return ({ body }) =>
    body === expected ? undefined : `body ${body.slice(0, 120)} in place of ${expected.slice(0, 120)}`;
}
