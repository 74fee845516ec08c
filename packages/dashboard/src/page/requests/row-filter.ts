import type { ExchangeSummary } from "../../api.ts";
import { markText } from "./problem-mark.ts";
import { hasProblem, statusClassOf, statusText } from "../status-text.ts";

export interface RowFilter {
  /** Words that must all occur somewhere in a row. */
  readonly text: string;
  readonly status: "all" | "good" | "redirect" | "refused" | "failed" | "running" | "troubled";
  /** The path of a function. Empty for all functions. */
  readonly path: string;
}

export const noFilter: RowFilter = { text: "", status: "all", path: "" };

export function isFiltering(filter: RowFilter): boolean {
  return filter.text.trim() !== "" || filter.status !== "all" || filter.path !== "";
}

export function matchingRows(rows: readonly ExchangeSummary[], filter: RowFilter): readonly ExchangeSummary[] {
  if (!isFiltering(filter)) return rows;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      (filter.path === "" || row.path === filter.path) &&
      matchesStatus(row, filter.status) &&
      words.every((word) => searched(row).includes(word)),
  );
}

function matchesStatus(row: ExchangeSummary, standing: RowFilter["status"]): boolean {
  if (standing === "all") return true;
  return standing === "troubled" ? hasProblem(row) : statusClassOf(row.status) === standing;
}

function searched(row: ExchangeSummary): string {
  const { id, method, path, label, code, status, leftovers, origin, problems = [] } = row;
  const marks = problems.map(markText);
  return [id, method, path, label, code, statusText(status), ...marks, leftovers, origin].join(" ").toLowerCase();
}
