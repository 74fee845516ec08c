import type { ExchangeSummary } from "../../api.ts";
import { hasProblem, statusClassOf, statusText } from "../status-text.ts";

export interface RowFilter {
  /**
   * Words that must all occur in a row, each at the start of a word. Words in quotes must occur together and whole:
   * `digits 2` finds "digits 25" too, `"digits 2"` does not.
   */
  readonly text: string;
  readonly status: (typeof statusFilters)[number];
  /** The path of a function. Empty for all functions. */
  readonly path: string;
  /** Whether background requests are shown. */
  readonly hasAssets: boolean;
}

export const statusFilters = ["all", "good", "redirect", "refused", "failed", "troubled", "running"] as const;

export const noFilter: RowFilter = { text: "", status: "all", path: "", hasAssets: false };

export function isFiltering(filter: RowFilter): boolean {
  return filter.text.trim() !== "" || filter.status !== "all" || filter.path !== "";
}

/**
 * Whether a request is only in the way while somebody works on functions: an asset without a problem, or a request that
 * browsers send automatically.
 */
export function isBackground(row: ExchangeSummary): boolean {
  return row.isAutomatic === true || (row.resource === "asset" && !hasProblem(row));
}

/** The rows without background requests, if the filter hides these. */
export function foregroundRows(rows: readonly ExchangeSummary[], filter: RowFilter): readonly ExchangeSummary[] {
  return filter.hasAssets || !rows.some(isBackground) ? rows : rows.filter((row) => !isBackground(row));
}

export function matchingRows(rows: readonly ExchangeSummary[], filter: RowFilter): readonly ExchangeSummary[] {
  const foreground = foregroundRows(rows, filter);
  if (!isFiltering(filter)) return foreground;
  const terms = termsIn(filter.text);
  return foreground.filter(
    (row) =>
      (filter.path === "" || row.path === filter.path) &&
      matchesStatus(row, filter.status) &&
      terms.every((term) => matches(row, term)),
  );
}

function matchesStatus(row: ExchangeSummary, status: RowFilter["status"]): boolean {
  if (status === "all") return true;
  return status === "troubled" ? hasProblem(row) : statusClassOf(row.status) === status;
}

interface Term {
  /** At the start of a word. */
  readonly atStart: RegExp;
  /** From the start of a word to the end of a word. */
  readonly whole: RegExp;
  readonly isQuoted: boolean;
}

function termsIn(text: string): Term[] {
  return [...text.matchAll(/"([^"]+)"?|([^\s"]+)/g)].map(([, quoted, word = ""]) => {
    const term = (quoted ?? word).trim();
    const escaped = term.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`).replace(/\s+/g, String.raw`\s+`);
    // A term may start with a sign, such as that of a phone number.
    const start = isWordCharacter.test(term.slice(0, 1)) ? `(?<!${wordCharacter})` : "";
    const end = isWordCharacter.test(term.slice(-1)) ? `(?!${wordCharacter})` : "";
    return {
      atStart: new RegExp(start + escaped, "iu"),
      whole: new RegExp(start + escaped + end, "iu"),
      isQuoted: quoted !== undefined,
    };
  });
}

const wordCharacter = String.raw`[\p{L}\p{N}]`;
const isWordCharacter = new RegExp(wordCharacter, "u");

function matches(row: ExchangeSummary, { atStart, whole, isQuoted }: Term): boolean {
  const { id, method, path, label, code, status, leftovers, origin } = row;
  const words = statusText(status).replace(/^\d+ /, "");
  const text = [id, method, path, label, code, words, leftovers, origin].join(" ");
  // Figures that are in every row match only as a whole: the status, and the end of the id that the log shows.
  return (isQuoted ? whole : atStart).test(text) || whole.test(`${statusText(status)} ${id.slice(-4)}`);
}
