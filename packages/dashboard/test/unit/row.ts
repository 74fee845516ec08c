import type { ExchangeSummary } from "../../src/api.ts";

/** A row of the list. A higher number means that it arrived later. */
export function row(number: number, change: Partial<ExchangeSummary> = {}): ExchangeSummary {
  return {
    id: `RQ${number}`,
    startedAt: number,
    method: "POST",
    path: "/sms",
    status: 200,
    lines: 0,
    complaints: 0,
    origin: "client",
    ...change,
  };
}

export function idsOf(rows: readonly ExchangeSummary[]): string {
  return rows.map(({ id }) => id).join(" ");
}
