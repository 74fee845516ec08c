/** Formats figures with three digits. Measurements are not more precise. */
import type { Spread } from "./statistics.ts";

export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "none";
  const size = Math.abs(value);
  if (size > 0 && size < 0.1) return String(Number(value.toPrecision(2)));
  const digits = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Formats a figure that was set, not measured, as it was written. */
export function goalText(value: number, unit: string): string {
  return unit === "×" ? `${value.toLocaleString("en-US")}×` : `${value.toLocaleString("en-US")} ${unit}`;
}

function withUnit(value: number, unit: string): string {
  if (unit === "×") return `${numberText(value)}×`;
  if (unit === "/s") return `${numberText(value)}/s`;
  return unit === "" ? numberText(value) : `${numberText(value)} ${unit}`;
}

/** `0.81 (0.78–0.84)` */
export function spreadText({ median, low, high, count }: Spread, unit = ""): string {
  const middle = withUnit(median, unit);
  return count === 1 ? middle : `${middle} (${numberText(low)}–${numberText(high)})`;
}

export function durationText(microseconds: number): string {
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  const milliseconds = microseconds / 1000;
  return milliseconds < 10_000 ? `${numberText(milliseconds)} ms` : `${numberText(milliseconds / 1000)} s`;
}
