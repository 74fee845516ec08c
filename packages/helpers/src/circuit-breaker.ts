/**
 * A circuit breaker: after a number of failures in a row, calls to a host fail at once for a while. That spares a
 * service that is down, and callers that would wait for it. The state is kept per host for the life of the process, so
 * it works across invocations.
 *
 *     closed ──failures──▶ open ──cooldown over──▶ half open: allows one call
 *        ▲                  ▲                          │
 *        ╰──────success─────┼──────────────────────────┤
 *                           ╰───────failure────────────╯
 */
import { clock } from "./clock.ts";
import { fieldsOf, isConnectionError } from "./failure.ts";

export interface BreakerOptions {
  /** Failures in a row that open the circuit; 5 by default. */
  readonly failures?: number;
  /** Milliseconds for which calls to the host fail at once; 10,000 by default. */
  readonly cooldownMs?: number;
}

interface Circuit {
  failuresInRow: number;
  /** By `clock()`, in milliseconds. Undefined while the circuit is closed. */
  openUntil: number | undefined;
}

const defaults = { failures: 5, cooldownMs: 10_000 };
const maxHosts = 1_000;
const circuits = new Map<string, Circuit>();

/** The host was not called. The wrapper treats this as a 503 with `Retry-After`. */
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

/** @throws CircuitOpenError while the circuit of the host is open. */
export function enterCircuit(host: string, { cooldownMs = defaults.cooldownMs }: BreakerOptions): void {
  const circuit = circuits.get(host);
  if (circuit?.openUntil === undefined) return;
  const now = clock().now();
  if (now < circuit.openUntil) throw new CircuitOpenError(host, circuit.openUntil - now);
  // This call probes the host. Until its result is known, all others are refused.
  circuit.openUntil = now + cooldownMs;
}

/** Whether a call shows that the host works; undefined if the call says nothing about the host. */
export type Verdict = "works" | "fails" | undefined;

/** Records the result of a call that `enterCircuit` allowed. */
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

/**
 * The verdict of an answer: 429 and 5xx mean that the host is overloaded or broken. Any other status means that it
 * works.
 */
export function verdictOfStatus(status: number): Verdict {
  return status === 429 || status >= 500 ? "fails" : "works";
}

/** The verdict of an error. One without a status that is not a connection error may be the author's own. */
export function verdictOfError(error: unknown): Verdict {
  if (isConnectionError(error)) return "fails";
  const { status, response } = fieldsOf(error);
  const statusCode = status ?? response?.status;
  return typeof statusCode === "number" ? verdictOfStatus(statusCode) : undefined;
}

/** A host that had less time than this may be healthy although it did not answer. */
const fairMs = 1_000;

/** The verdict of a call that was cut off after `hadMs` milliseconds. */
export function verdictOfSilence(hadMs: number): Verdict {
  return hadMs < fairMs ? undefined : "fails";
}

/** Forgets all hosts. For tests. */
export function resetCircuits(): void {
  circuits.clear();
}
