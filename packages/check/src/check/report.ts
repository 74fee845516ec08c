/**
 * The output of `offhook check`.
 */
import { pluralize, excerpt, printable } from "@offhook/runtime/internal/printable";
import type { CheckResult, Finding } from "./check.ts";
import type { Severity } from "./rule.ts";

/** Limit on shown findings per rule. The first ones already show what to fix. */
const maxPerRule = 20;

export function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((each) => each.severity === severity).length;
}

export function textReport({ findings, uses, functions, assets, build }: CheckResult): string {
  const shown = new Map<string, Finding[]>();
  const groups = Map.groupBy(findings, ({ file }) => file);
  const lines: string[] = [];
  for (const group of groups.values()) {
    for (const finding of group) {
      const earlier = shown.get(finding.rule) ?? [];
      shown.set(finding.rule, [...earlier, finding]);
      if (earlier.length < maxPerRule) lines.push(...linesOf(finding));
    }
  }
  const cut = [...shown].filter(([, list]) => list.length > maxPerRule);
  const more = cut.map(([rule, list]) => `… and ${list.length - maxPerRule} more  [${rule}]  (--json lists all)`);
  const advice = [...shown].map(([rule, [first]]) => `  ${rule}: ${first?.next}`);
  return [
    ...lines,
    ...more,
    ...(lines.length === 0 ? [] : ["", "What to do:", ...advice, ""]),
    ...(uses.length === 0 ? [] : [`Uses ${uses.map(({ name, files }) => `${name} (${files.length})`).join(", ")}.`]),
    ...(build === undefined ? [] : [`Checked the build output: ${printable(build)}.`]),
    `${summaryOf(findings)} ${pluralize(functions, "function")}, ${pluralize(assets, "asset")}.`,
    "",
  ].join("\n");
}

function linesOf({ file, line, column, severity, message, rule, frame }: Finding): string[] {
  const place = line === undefined ? "" : `:${line}:${column ?? 1}`;
  const text = `${excerpt(file, 200)}${place}  ${severity.padEnd(7)}  ${printable(message)}  [${rule}]`;
  return frame === undefined ? [text] : [text, `    ${excerpt(frame.trim())}`];
}

function summaryOf(findings: readonly Finding[]): string {
  const errors = countOf(findings, "error");
  const warnings = countOf(findings, "warning");
  if (findings.length === 0) return "Found nothing that behaves differently on hosted Functions:";
  return `${pluralize(errors, "error")}, ${pluralize(warnings, "warning")}, ${countOf(findings, "info")} info, in`;
}

export function jsonReport(result: CheckResult): string {
  const { findings } = result;
  const counts = {
    errors: countOf(findings, "error"),
    warnings: countOf(findings, "warning"),
    infos: countOf(findings, "info"),
  };
  return `${JSON.stringify({ ...result, ...counts })}\n`;
}
