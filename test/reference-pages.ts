/**
 * The parts of the reference that are generated from tables in the code. Tests compare the pages with them. To update
 * the pages: `node --conditions=offhook-source test/reference-pages.ts`, then `npm run format`.
 *
 * Entries with sentences get a heading each, not a row of a table: it can be linked to, and fits on a phone.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { entryOf, exitCodes, ledger, type ErrorCode } from "@offhook/runtime/errors";
import { settingsMarkdown } from "@offhook/runtime/settings";
import { ruleTable } from "../packages/check/src/check/rule-table.ts";
import { examinationTable } from "../packages/check/src/doctor/examination-table.ts";
import { repository } from "./offhook-process.ts";

export interface GeneratedPart {
  /** From the repository's root. */
  readonly page: string;
  readonly name: string;
  readonly text: string;
}

const codes = Object.keys(ledger) as ErrorCode[];

export function generatedParts(): GeneratedPart[] {
  const errors = "docs/reference/errors.md";
  const settings = "docs/reference/settings.md";
  const checks = "docs/reference/check.md";
  return [
    { page: errors, name: "codes by status", text: codesByStatus() },
    { page: errors, name: "codes", text: errorsMarkdown() },
    { page: settings, name: "settings", text: settingsMarkdown() },
    { page: settings, name: "exit codes", text: exitCodesMarkdown() },
    { page: checks, name: "rules", text: rulesMarkdown() },
    { page: checks, name: "examinations", text: examinationsMarkdown() },
  ];
}

/** Splits a page at the two comments around a part. */
function findPart({ name }: GeneratedPart, text: string): { before: string; inside: string; after: string } {
  const begin = `<!-- begin: ${name} -->`;
  const end = `<!-- end: ${name} -->`;
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`The page has no part "${name}"`);
  return { before: text.slice(0, from), inside: text.slice(from, to), after: text.slice(to) };
}

/** @throws AssertionError if the page differs from the code. */
export function assertUpToDate(part: GeneratedPart): void {
  const { inside } = findPart(part, readFileSync(join(repository, part.page), "utf8"));
  const hint = `${part.page} is out of date: run node --conditions=offhook-source test/reference-pages.ts`;
  assert.equal(tidy(inside), tidy(part.text), hint);
}

/** Removes what the formatter may change: the width of table columns. */
function tidy(text: string): string {
  return text
    .replace(/ *\| */g, "|")
    .replace(/-{3,}/g, "---")
    .trim();
}

function codesByStatus(): string {
  const statuses = [...new Set(codes.flatMap((code) => entryOf(code).status ?? []))].toSorted((a, b) => a - b);
  const rows = statuses.map((status) => {
    const links = codes.filter((code) => entryOf(code).status === status).map((code) => `[\`${code}\`](#${code})`);
    return `- ${status}: ${links.join(", ")}`;
  });
  return `${rows.join("\n")}\n`;
}

function errorsMarkdown(): string {
  // The ledger begins with the requests that the gateway refuses. The errors of functions follow.
  const firstFailure = codes.indexOf("handler-missing");
  const hasStatus = (code: ErrorCode): boolean => entryOf(code).status !== undefined;
  const hasExit = (code: ErrorCode): boolean => entryOf(code).exitCode !== undefined;
  return [
    section(
      "Refused: the function did not run",
      codes.filter((code, index) => hasStatus(code) && index < firstFailure),
    ),
    section(
      "Failed: the function was called",
      codes.filter((code, index) => hasStatus(code) && index >= firstFailure),
    ),
    section(
      "Logged, or thrown: the server keeps running",
      codes.filter((code) => !hasStatus(code) && !hasExit(code)),
    ),
    section("The command cannot start", codes.filter(hasExit)),
  ].join("\n");
}

function section(title: string, list: readonly ErrorCode[]): string {
  const entries = list.map((code) => {
    const { status, exitCode, fault, message, next, twilioCode } = entryOf(code);
    const facts = [
      status === undefined ? [] : `status ${status}`,
      exitCode === undefined ? [] : `exit code ${exitCode}`,
      `fault: ${fault === "offhook" ? "Offhook" : fault}`,
      twilioCode === undefined ? [] : `hosted: ${twilioCode}`,
    ].flat();
    return `### \`${code}\`\n\n${facts.join(" · ")}\n\n**${message}.** ${next}\n`;
  });
  return `## ${title}\n\n${entries.join("\n")}`;
}

const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "Success: the command printed its output, or a signal stopped the server.",
  internal: "A bug in Offhook.",
  usage: "An unknown command or option, or an invalid value.",
  project: "The project cannot be served.",
  address: "Offhook cannot listen on the address or port.",
  node: "The Node that runs the command is too old.",
  outdated: "`offhook types --check`: the file of types is missing or out of date.",
  findings: "`offhook check` or `offhook doctor` found a problem.",
  failed: "`offhook invoke`: the function failed, or replied with a status of 400 or more.",
};

function exitCodesMarkdown(): string {
  const rows = (Object.keys(exitCodes) as (keyof typeof exitCodes)[]).map(
    (name) => `| ${exitCodes[name]} | ${exitCodeMeanings[name]} |`,
  );
  return ["| exit code | meaning |", "| --- | --- |", ...rows, ""].join("\n");
}

function rulesMarkdown(): string {
  const entries = ruleTable.map(({ id, severity, finds, next, page }) => {
    const more = page.startsWith("check.md") ? "" : ` [More](${page})`;
    return `#### \`${id}\`\n\n**${severity}** · finds ${finds}\n\n${next}${more}\n`;
  });
  return entries.join("\n");
}

function examinationsMarkdown(): string {
  return examinationTable.map(({ id, looksAt }) => `- \`${id}\`: ${looksAt}\n`).join("");
}

if (import.meta.main) {
  for (const part of generatedParts()) {
    const file = join(repository, part.page);
    const { before, after } = findPart(part, readFileSync(file, "utf8"));
    writeFileSync(file, `${before}\n\n${part.text}\n${after}`);
  }
}
