/**
 * Spares a service that is down, and those who wait for it: after a number of failures in a row a host is not called for
 * a while. Kept by host, for as long as the process lives, so it works across invocations.
 *
 *     closed ──failures──▶ open ──cooldown over──▶ half open: one call is let through
 *        ▲                  ▲                          │
 *        ╰──────success─────┼──────────────────────────┤
 *                           ╰───────failure────────────╯
 */
import { clock } from "./clock.ts";
import { fieldsOf, isConnectionError } from "./failure.ts";

export interface BreakerOptions {
  /** Failures in a row that open the circuit; 5 by default. */
  readonly failures?: number;
  /** Milliseconds for which the host is left alone; 10,000 by default. */
  readonly cooldownMs?: number;
}

interface Circuit {
  failuresInRow: number;
  /** By the clock; undefined: the circuit is closed. */
  openUntil: number | undefined;
}

const defaults = { failures: 5, cooldownMs: 10_000 };
const maxHosts = 1_000;
const circuits = new Map<string, Circuit>();

/** The host was not called. It is treated as a 503 that says when to come again. */
class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError";
  readonly code = "circuit-open";
  readonly status = 503;
  readonly retryAfterMs: number;

  constructor(host: string, retryAfterMs: number) {
    super(`${host} has failed repeatedly and is not called for another ${Math.ceil(retryAfterMs / 1000)} s`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** @throws CircuitOpenError if the host is to be left alone. */
export function enterCircuit(host: string, { cooldownMs = defaults.cooldownMs }: BreakerOptions): void {
  const circuit = circuits.get(host);
  if (circuit?.openUntil === undefined) return;
  const now = clock().now();
  if (now < circuit.openUntil) throw new CircuitOpenError(host, circuit.openUntil - now);
  // This call is the one that tries. Until it is known how it went, the others keep away.
  circuit.openUntil = now + cooldownMs;
}

/** How a call went, as far as the host is concerned; undefined where that is not known. */
export type Verdict = "works" | "fails" | undefined;

/** Tells how the call went that was let through. */
export function leaveCircuit(host: string, verdict: Verdict, options: BreakerOptions): void {
  if (verdict === undefined) return;
  if (verdict === "works") {
    circuits.delete(host);
    return;
  }
  const { failures, cooldownMs } = { ...defaults, ...options };
  const circuit = circuits.get(host) ?? { failuresInRow: 0, openUntil: undefined };
  circuit.failuresInRow += 1;
  if (circuit.failuresInRow >= failures) circuit.openUntil = clock().now() + cooldownMs;
  circuits.set(host, circuit);
  const [oldest] = circuits.keys();
  if (circuits.size > maxHosts && oldest !== undefined) circuits.delete(oldest);
}

/** Of an answer: whoever is overloaded or broken fails; whatever else is said shows that the host works. */
export function verdictOfStatus(status: number): Verdict {
  return status === 429 || status >= 500 ? "fails" : "works";
}

/** Of an error: without a connection and without a status it may be the caller's own. */
export function verdictOfError(error: unknown): Verdict {
  if (isConnectionError(error)) return "fails";
  const { status, response } = fieldsOf(error);
  const statusCode = status ?? response?.status;
  return typeof statusCode === "number" ? verdictOfStatus(statusCode) : undefined;
}

/** Whoever is given less time than this to answer and does not may be well all the same. */
const fairMs = 1_000;

/** Of a call that was cut off after it had so much time. */
export function verdictOfSilence(hadMs: number): Verdict {
  return hadMs < fairMs ? undefined : "fails";
}

/** Forgets all hosts: for tests. */
export function resetCircuits(): void {
  circuits.clear();
}
