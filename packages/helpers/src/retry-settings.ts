/**
 * The variables that control retries. They are read from `process.env` each time they are needed (contract 1.6).
 */
import { clock } from "./clock.ts";

const defaultLimit = 5;
const defaultBackoffMs = [100, 300] as const;
/** Maximum wait of the exponential backoff, unless a variable or an option sets another. */
const exponentialCapMs = 3_000;
const switchedOff = ["", "false", "0", "no", "off"];

export interface Backoff {
  readonly backoff?: "flat" | "exponential" | undefined;
  readonly minBackoffMs?: number | undefined;
  readonly maxBackoffMs?: number | undefined;
}

/** Maximum number of retries: `TWILIO_SERVICE_RETRY_LIMIT`, 5 if unset, none if it is not a number. */
export function retryLimit(): number {
  const limit = Number(process.env["TWILIO_SERVICE_RETRY_LIMIT"] ?? defaultLimit);
  return Number.isNaN(limit) ? 0 : limit;
}

/** `ENABLE_LOCAL_LOGGING`: whether calls are logged that failed in the end. */
export function logsFailures(): boolean {
  return !switchedOff.includes((process.env["ENABLE_LOCAL_LOGGING"] ?? "").trim().toLowerCase());
}

/**
 * Random milliseconds to wait before a retry. Flat: the same range each time, `TWILIO_SERVICE_MIN_BACKOFF` to
 * `TWILIO_SERVICE_MAX_BACKOFF`, 100 to 300 if unset. Exponential: from 0 to the minimum, doubled for each earlier retry
 * and capped at the maximum (3,000 if unset).
 * @param retries number of retries made so far.
 */
export function backoffMs(retries: number, options: Backoff = {}): number {
  const min = options.minBackoffMs ?? process.env["TWILIO_SERVICE_MIN_BACKOFF"];
  const max = options.maxBackoffMs ?? process.env["TWILIO_SERVICE_MAX_BACKOFF"];
  if (options.backoff === "exponential") {
    const ceiling = finite(min ?? defaultBackoffMs[0]) * 2 ** retries;
    return draw(0, Math.min(ceiling, finite(max ?? exponentialCapMs)));
  }
  if (min === undefined && max === undefined) return draw(...defaultBackoffMs);
  // A minimum without a maximum counts as the maximum.
  return max === undefined ? draw(0, finite(min)) : draw(finite(min), finite(max));
}

/** A random number between the two, both included. It is an integer if both are. */
function draw(one: number, other: number): number {
  const [low, high] = one < other ? [one, other] : [other, one];
  const isWhole = Number.isInteger(low) && Number.isInteger(high);
  const drawn = low + clock().random() * (high - low + (isWhole ? 1 : 0));
  return Math.max(0, Math.min(isWhole ? Math.floor(drawn) : drawn, high));
}

function finite(value: number | string | undefined): number {
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(number, Number.MAX_SAFE_INTEGER));
}
