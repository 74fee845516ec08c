import type { RequestKind } from "../kind.ts";
import { crashing, leaky, refusedKinds, slow } from "./ill-behaved.ts";
import { wellBehaved } from "./well-behaved.ts";

/** The kinds of the even load, with their usual weights. */
export const evenKinds: readonly RequestKind[] = [...wellBehaved, ...refusedKinds, ...slow, ...leaky, ...crashing];
