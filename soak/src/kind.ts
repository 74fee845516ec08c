/**
 * The words of the soak.
 *
 * - kind: a sort of request, and what has to come back.
 * - ask: one request of a kind, with its nonce.
 * - told error: an error of the ledger that an ask may get because of what the soak did meanwhile (killed an isolate,
 *   asked for more at once than is allowed). Each has a bound.
 */
import type { Random } from "./random.ts";
import type { Reply } from "./reply.ts";

export const groups = ["well-behaved", "refused", "slow", "leaky", "crashing", "burst", "hostile"] as const;
export type Group = (typeof groups)[number];

/** What the asks are made for. */
export interface World {
  readonly port: number;
  readonly authToken: string;
  /** The asset's text. */
  readonly known: string;
  /** `context.GENERATION` is at least this: what `.env` said some while ago. */
  readonly leastGeneration: () => number;
}

export interface Ask {
  readonly bytes: string;
  readonly isHead?: boolean;
  readonly status: number;
  /** The ledger's; none for an own answer. */
  readonly code?: string;
  /** Undefined where the answer is right, else what is wrong with it. */
  readonly check?: (reply: Reply) => string | undefined;
}

export interface Kind {
  readonly name: string;
  readonly group: Group;
  /** How often, in proportion to the others. */
  readonly weight: number;
  ask(world: World, nonce: string, random: Random): Ask;
}

/** The answer is exactly this text. */
export function isText(expected: string): (reply: Reply) => string | undefined {
  return ({ body }) =>
    body === expected ? undefined : `body ${body.slice(0, 120)} in place of ${expected.slice(0, 120)}`;
}
