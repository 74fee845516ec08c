import type { ExchangeSummary } from "../../api.ts";
import { isTroubled, standingOf, statusText } from "../status-words.ts";

export interface RowFilter {
  /** Words, all of which a row must have somewhere. */
  readonly text: string;
  readonly standing: "all" | "good" | "redirect" | "refused" | "failed" | "running" | "troubled";
  /** Of a function; empty for all. */
  readonly path: string;
}

export const noFilter: RowFilter = { text: "", standing: "all", path: "" };

export function isFiltering(filter: RowFilter): boolean {
  return filter.text.trim() !== "" || filter.standing !== "all" || filter.path !== "";
}

export function matchingRows(rows: readonly ExchangeSummary[], filter: RowFilter): readonly ExchangeSummary[] {
  if (!isFiltering(filter)) return rows;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      (filter.path === "" || row.path === filter.path) &&
      matchesStanding(row, filter.standing) &&
      words.every((word) => searched(row).includes(word)),
  );
}

function matchesStanding(row: ExchangeSummary, standing: RowFilter["standing"]): boolean {
  if (standing === "all") return true;
  return standing === "troubled" ? isTroubled(row) : standingOf(row.status) === standing;
}

function searched({ id, method, path, label, code, status, leftovers, origin }: ExchangeSummary): string {
  return [id, method, path, label, code, statusText(status), leftovers, origin].join(" ").toLowerCase();
}
