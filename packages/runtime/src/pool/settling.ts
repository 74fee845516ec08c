/**
 * Whether an isolate that has replied, and has not said what is left, runs on: something keeps its loop busy. On a crowded
 * machine it may only not have been given a processor, and ending it would crowd the machine more: its CPU time tells the
 * two apart.
 */
import type { IsolateLike } from "./isolate-like.ts";
import type { Ticket } from "./ticket.ts";

/** After its reply, an isolate has this long to say what is left. */
const settleMs = 50;
/** One that has used more CPU time than this since then does something. To compare the whole realm takes some of it. */
const busyCpuMs = 80;
/** How long one that is not given a processor may take. */
const starvedSettleMs = 1_100;

/**
 * @param ticket of an invocation that has replied. @param now on the pool's clock
 */
export function keepsRunning(ticket: Ticket, isolate: Pick<IsolateLike, "cpuMs">, now: number): boolean {
  const sinceMs = now - ticket.repliedAt;
  if (sinceMs < settleMs) return false;
  const used = isolate.cpuMs();
  ticket.cpuMsAfterReply ??= used;
  return used === undefined || used - (ticket.cpuMsAfterReply ?? 0) > busyCpuMs || sinceMs > starvedSettleMs;
}
