import type { CheckGroup } from "./check.ts";
import type { Result, Verdict } from "./runner.ts";

const words: Readonly<Record<Verdict, string>> = { passed: "pass", failed: "FAIL", "not visible": "not visible" };

/** One line per row, under the headings of the contract, and a last line with counts. */
export function tableOf(groups: readonly CheckGroup[], results: readonly Result[]): string {
  const lines: string[] = [];
  for (const { section, checks } of groups) {
    const groupResults = results.filter((result) => checks.includes(result.check));
    if (groupResults.length === 0) continue;
    lines.push(section);
    for (const { check, verdict, seen } of groupResults) {
      const confidence = check.conflict === undefined ? check.confidence : `${check.confidence}, ${check.conflict}`;
      lines.push(`  ${String(check.row).padStart(3)}  ${words[verdict].padEnd(11)}  ${check.title} (${confidence})`);
      if (verdict === "failed") lines.push(`${" ".repeat(20)}expects ${check.expects}`);
      if (verdict !== "passed") lines.push(`${" ".repeat(20)}${verdict === "failed" ? "saw " : ""}${oneLine(seen)}`);
    }
    lines.push("");
  }
  lines.push(countsOf(results));
  return lines.join("\n");
}

function countsOf(results: readonly Result[]): string {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("not visible")} not visible`;
}

export function jsonOf(target: string, groups: readonly CheckGroup[], results: readonly Result[]): string {
  const rows = results.map(({ check, verdict, seen, durationMs }) => ({
    row: check.row,
    section: groups.find((group) => group.checks.includes(check))?.section,
    title: check.title,
    confidence: check.confidence,
    ...(check.conflict === undefined ? {} : { conflict: check.conflict }),
    expects: check.expects,
    verdict,
    seen,
    durationMs: Math.round(durationMs),
  }));
  return JSON.stringify({ target, summary: countsOf(results), rows }, null, 2);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
