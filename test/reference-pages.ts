/**
 * The parts of the reference that are made from tables in the code. A test holds the pages to them; to bring the
 * pages up to date: `node --conditions=offhook-source test/reference-pages.ts`, then `npm run format`.
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

/** What stands between a part's two comments, and around them. */
function findPart({ name }: GeneratedPart, text: string): { before: string; inside: string; after: string } {
  const begin = `<!-- begin: ${name} -->`;
  const end = `<!-- end: ${name} -->`;
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`The page has no part "${name}"`);
  return { before: text.slice(0, from), inside: text.slice(from, to), after: text.slice(to) };
}

/** @throws AssertionError where the page says something else than the code. */
export function assertUpToDate(part: GeneratedPart): void {
  const { inside } = findPart(part, readFileSync(join(repository, part.page), "utf8"));
  const hint = `${part.page} is behind: run node --conditions=offhook-source test/reference-pages.ts`;
  assert.equal(tidy(inside), tidy(part.text), hint);
}

/** Without what the formatter may change: the width of table columns. */
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
  // The ledger begins with what the gateway refuses, and goes on with what functions do wrong.
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
      "Neither a reply nor an end",
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
      `fault of the ${fault}`.replace("the offhook", "Offhook"),
      twilioCode === undefined ? [] : `hosted: ${twilioCode}`,
    ].flat();
    return `### \`${code}\`\n\n${facts.join(" · ")}\n\n**${message}.** ${next}\n`;
  });
  return `## ${title}\n\n${entries.join("\n")}`;
}

const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "It ended as asked: after a signal, or after what was asked for was printed.",
  internal: "A bug in Offhook.",
  usage: "An unknown command or option, or an invalid value.",
  project: "The project cannot be served.",
  address: "Offhook cannot listen on the address or port.",
  node: "The Node that runs the command is too old.",
  outdated: "`offhook types --check`: the file of types is missing or out of date.",
  findings: "`offhook check` or `offhook doctor` found something that needs doing.",
  failed: "With `offhook invoke`: the function failed, or replied with a status of 400 or more.",
};

function exitCodesMarkdown(): string {
  const rows = (Object.keys(exitCodes) as (keyof typeof exitCodes)[]).map(
    (name) => `| ${exitCodes[name]} | ${exitCodeMeanings[name]} |`,
  );
  return ["| exit code | meaning |", "| --- | --- |", ...rows, ""].join("\n");
}

function rulesMarkdown(): string {
  const rows = ruleTable.map(({ id, severity, finds, next, page }) => {
    const more = page.startsWith("check.md") ? "" : ` [More](${page})`;
    return `| \`${id}\` | ${severity} | ${finds} | ${next}${more} |`.replace(/ \|\| /g, " \\|\\| ");
  });
  return ["| rule | | finds | what to do |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

function examinationsMarkdown(): string {
  const rows = examinationTable.map(({ id, looksAt }) => `| \`${id}\` | ${looksAt} |`);
  return ["| name | looks at |", "| --- | --- |", ...rows, ""].join("\n");
}

if (import.meta.main) {
  for (const part of generatedParts()) {
    const file = join(repository, part.page);
    const { before, after } = findPart(part, readFileSync(file, "utf8"));
    writeFileSync(file, `${before}\n\n${part.text}\n${after}`);
  }
}
