/**
 * The syntax of `.env` files (docs/reference/settings.md, "Variables"), and its differences from dotenv 6.2. twilio-run
 * and the Twilio CLI use dotenv 6.2 to read the same file before they deploy. Pure.
 */

/** Something unusual about a line. It contains no value, and no text of a line that sets no variable. */
export interface EnvRemark {
  /** Counts from 1. */
  readonly line: number;
  /**
   * - `stray`: the line sets no variable.
   * - `unclosed`: a value begins with a quote that is never closed.
   * - `difference`: Twilio's tools read the line differently.
   * - `unusable`: functions do not see the whole value.
   */
  readonly kind: "stray" | "unclosed" | "difference" | "unusable";
  /** One or two sentences. */
  readonly text: string;
}

export interface EnvSyntax {
  /** Sorted by line. */
  readonly variables: Readonly<Record<string, string>>;
  /** Sorted by line. */
  readonly remarks: readonly EnvRemark[];
}

/** One variable, as read by Offhook. */
interface Entry {
  readonly name: string;
  readonly value: string;
  /** How many lines the value has. */
  readonly lineCount: number;
  readonly isExported: boolean;
  readonly hasComment: boolean;
  /** The quote at the beginning of the value. */
  readonly quote: string | undefined;
  readonly isClosed: boolean;
}

const assignment = /^\s*(export\s+)?([\w.-]+)\s*=\s*/;
/** Text that may follow a closing quote: blanks and a comment. */
const restOfLine = /^\s*(?:#|$)/;

export function parseEnvText(text: string): EnvSyntax {
  const lines = text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .split("\n");
  const variables = new Map<string, string>();
  const remarks: EnvRemark[] = remarksOnEncoding(text);
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? "";
    const entry = readEntry(lines, index);
    if (entry === undefined) {
      if (!restOfLine.test(line)) {
        remarks.push({ line: index + 1, kind: "stray", text: "This line sets no variable." });
      }
      index++;
      continue;
    }
    variables.set(entry.name, entry.value);
    remarks.push(...remarksOn(entry, line).map((remark) => ({ line: index + 1, ...remark })));
    index += entry.lineCount;
  }
  return { variables: Object.fromEntries(variables), remarks };
}

function readEntry(lines: readonly string[], index: number): Entry | undefined {
  const line = lines[index] ?? "";
  const match = assignment.exec(line);
  if (match === null) return undefined;
  const [{ length }, exported, name = ""] = match;
  const isExported = exported !== undefined;
  const rest = line.slice(length);
  const [first = ""] = rest;
  if (!"\"'`".includes(first) || first === "") {
    const { value, hasComment } = readUnquoted(line, line.indexOf("=") + 1);
    return { name, value, lineCount: 1, isExported, hasComment, quote: undefined, isClosed: true };
  }
  const quoted = readQuoted([rest, ...lines.slice(index + 1)], first);
  if (quoted === undefined) {
    const value = valueOfTwiliosTools(rest);
    return { name, value, lineCount: 1, isExported, hasComment: false, quote: first, isClosed: false };
  }
  const value = first === '"' ? quoted.value.replaceAll("\\n", "\n") : quoted.value;
  return { ...quoted, name, value, isExported, quote: first, isClosed: true };
}

/** A `#` begins a comment only after a blank, and not inside JSON. */
function readUnquoted(line: string, from: number): { value: string; hasComment: boolean } {
  const whole = line.slice(from).trim();
  const cuts = [...line.matchAll(/[ \t]#/g)].map(({ index }) => index).filter((at) => at >= from);
  const [firstCut] = cuts;
  if (firstCut === undefined || isJson(whole)) return { value: whole, hasComment: false };
  const values = cuts.map((at) => line.slice(from, at).trim());
  return { value: values.find(isJson) ?? line.slice(from, firstCut).trim(), hasComment: true };
}

function isJson(text: string): boolean {
  if (!/^[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * A quote closes the value only at the end of a line, or before a comment. If a line has the same quote in another
 * place, the value was never closed, and the quotes on that line belong to other values.
 */
function readQuoted(
  lines: readonly string[],
  quote: string,
): { value: string; lineCount: number; hasComment: boolean } | undefined {
  for (const [index, line] of lines.entries()) {
    const quotes = unescapedQuotes(line, quote, index === 0 ? 1 : 0);
    const candidates = index === 0 ? quotes : quotes.slice(0, 1);
    const end = candidates.find((at) => restOfLine.test(line.slice(at + 1)));
    if (end !== undefined) {
      const value = [...lines.slice(0, index), line.slice(0, end)].join("\n").slice(1);
      return { value, lineCount: index + 1, hasComment: line.includes("#", end) };
    }
    if (quotes.length > 0) return undefined;
  }
  return undefined;
}

function unescapedQuotes(line: string, quote: string, from: number): number[] {
  const places: number[] = [];
  for (let at = line.indexOf(quote, from); at !== -1; at = line.indexOf(quote, at + 1)) {
    if (line[at - 1] !== "\\") places.push(at);
  }
  return places;
}

/** The variable that dotenv 6.2 finds in a line. It does not support comments, `export` or values of several lines. */
function readAsTwiliosTools(line: string): { name: string; value: string } | undefined {
  const match = /^\s*([\w.-]+)\s*=\s*(.*)?\s*$/.exec(line);
  return match === null ? undefined : { name: match[1] ?? "", value: valueOfTwiliosTools(match[2] ?? "") };
}

function valueOfTwiliosTools(raw: string): string {
  const isInDoubleQuotes = raw.startsWith('"') && raw.endsWith('"');
  const value = isInDoubleQuotes ? raw.replaceAll("\\n", "\n") : raw;
  return value.replace(/(^['"]|['"]$)/g, "").trim();
}

type RemarkOnEntry = Omit<EnvRemark, "line">;

function remarksOn(entry: Entry, line: string): RemarkOnEntry[] {
  const { name, value, quote, isClosed } = entry;
  const remarks: RemarkOnEntry[] = [];
  if (!isClosed) {
    const text = `${name} begins with a quote (${quote}) that is never closed. Its value is the rest of the line.`;
    remarks.push({ kind: "unclosed", text });
  }
  const theirs = readAsTwiliosTools(line);
  if (theirs === undefined) {
    const why = entry.isExported ? ", because of the export in front" : "";
    const text = `Offhook reads ${name} (${lengthOf(value)}). Twilio's tools read no variable here${why}.`;
    remarks.push({ kind: "difference", text });
  } else if (theirs.value !== value) {
    const [ours, others] = readings(entry, line);
    const text = `Offhook reads ${name} ${ours} (${lengthOf(value)}). Twilio's tools ${others} (${lengthOf(theirs.value)}).`;
    remarks.push({ kind: "difference", text });
  }
  if (value.includes("\0")) {
    remarks.push({ kind: "unusable", text: `${name} has a NUL character, where its value in process.env ends.` });
  }
  return remarks;
}

/** Describes how Offhook and Twilio's tools read a value differently. */
function readings({ lineCount, hasComment, quote, value }: Entry, line: string): [string, string] {
  if (lineCount > 1) return [`from ${lineCount} lines`, "read the first line only"];
  if (hasComment) return ["up to the comment", "make the # and what follows a part of the value"];
  if (quote === "`") return ["without the backticks", "keep the backticks"];
  if (quote !== undefined && value !== value.trim())
    return ["with the blanks inside the quotes", "remove these blanks"];
  if (quote !== undefined && /\s$/.test(line)) {
    return ["up to the closing quote", "keep this quote, because of the blank after it"];
  }
  if (quote === undefined) return ["with the quote at its end", "remove this quote"];
  return ["as written in the quotes", "read something else"];
}

function lengthOf(value: string): string {
  if (value === "") return "empty";
  return value.length === 1 ? "1 character" : `${value.length} characters`;
}

function remarksOnEncoding(text: string): EnvRemark[] {
  // A byte order mark of UTF-16 becomes this when the file is read as UTF-8.
  if (text.startsWith("\uFFFD\uFFFD")) {
    return [{ line: 1, kind: "unusable", text: "The file is not in UTF-8. Save it as UTF-8." }];
  }
  const bareReturn = text.search(/\r(?!\n)/);
  if (bareReturn === -1) return [];
  const line = text.slice(0, bareReturn).split(/\r\n?|\n/).length;
  const means = "A carriage return without a line feed ends this line. Twilio's tools do not end a line there.";
  return [{ line, kind: "difference", text: means }];
}
