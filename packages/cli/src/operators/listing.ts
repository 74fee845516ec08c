/** The results of operators' commands as text. */
import { printable } from "@offhook/runtime/internal/printable";
import { textWidth } from "../screen/text-width.ts";

export interface Listing {
  /** Printed with --json. */
  readonly value: unknown;
  /** Lines for people. By default, the value as a table, or as one line for each field. */
  readonly lines?: readonly string[];
  /** Printed if the value is an empty list. */
  readonly none?: string;
}

export function listingText({ value, lines, none = "None." }: Listing): string {
  const shown = lines ?? (Array.isArray(value) ? tableLines(value, none) : fieldLines(value));
  return `${shown.join("\n")}\n`;
}

function tableLines(rows: readonly unknown[], none: string): string[] {
  const [first] = rows;
  if (typeof first !== "object" || first === null) return rows.length === 0 ? [none] : rows.map(cellText);
  const columns = Object.keys(first);
  const cells = rows.map((row) => columns.map((column) => cellText((row as Record<string, unknown>)[column])));
  const all = [columns, ...cells];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => textWidth(row[at] ?? ""))));
  return all.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - textWidth(cell)))
      .join("  ")
      .trimEnd(),
  );
}

function fieldLines(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [cellText(value)];
  const fields = Object.entries(value);
  const width = Math.max(0, ...fields.map(([key]) => key.length));
  return fields.map(([key, field]) => `${key.padEnd(width)}  ${cellText(field)}`);
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (typeof value === "string") return printable(value) || "-";
  if (Array.isArray(value) && value.every((each) => typeof each === "string"))
    return printable(value.join(", ")) || "-";
  return printable(JSON.stringify(value));
}
