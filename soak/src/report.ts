/** The summary as Markdown. */
import { markdownTable } from "../../benchmarks/src/markdown-table.ts";
import { groups } from "./kind.ts";
import type { Count } from "./judge.ts";
import type { Sample } from "./meter.ts";
import type { Summary } from "./summary.ts";

export function reportOf(summary: Summary): string {
  const { failures, health, chaos, toleratedErrors } = summary;
  const verdict =
    failures.length === 0
      ? "Nothing was lost, mixed up or left."
      : `It failed: ${failures.map(({ what }) => what).join("; ")}.`;
  const { logged } = summary;
  const kills = Object.entries(chaos).map(([action, count]) => `${count} × ${action}`);
  return [
    `${verdict} ${whole(summary.sent)} requests, ${whole(summary.perSecond)} a second, ${whole(summary.seconds)} s with everything at once. Seed ${summary.seed}.`,
    ...failures.map(({ what, count, examples }) => `${count} × ${what}, such as\n\n${code(examples.join("\n"))}`),
    groupTable(summary.counts),
    kindTable(summary.counts),
    `Damage by the soak: ${kills.join(", ")}. Errors because of that: ${list(toleratedErrors)}. Of the 429s, ${summary.retryAfters} said when to come again.`,
    `${whole(health.probes)} health checks: half within ${milliseconds(health.p50Ms)}, 99% within ${milliseconds(health.p99Ms)}, 99.9% within ${milliseconds(health.p999Ms)}, all within ${milliseconds(health.maxMs)}; ${health.over50Ms} took over 50 ms. While the soak itself paused the gateway, the longest took ${milliseconds(health.maxInPauseMs)}.`,
    `Codes in the log: ${list(logged)}.`,
    growthTable(summary),
    summary.drainedMs === undefined
      ? "It was not drained."
      : `Told to end, it ended after ${milliseconds(summary.drainedMs)}.`,
  ].join("\n\n");
}

function groupTable(counts: Summary["counts"]): string {
  const rows = groups.flatMap((group) => {
    const groupCounts = Object.values(counts).filter((count) => count.group === group);
    return groupCounts.length === 0 ? [] : [rowOf(group, sumOf(group, groupCounts))];
  });
  return markdownTable(["requests", ...columns], [...rows, rowOf("all", sumOf("hostile", Object.values(counts)))], 2);
}

function kindTable(counts: Summary["counts"]): string {
  const place = ([, { group }]: [string, Count]): number => groups.indexOf(group);
  const rows = Object.entries(counts)
    .toSorted((one, other) => place(one) - place(other))
    .map(([name, count]) => rowOf(name, count));
  return markdownTable(["kind", ...columns], rows, 2);
}

const columns = ["answers", "sent", "right", "told an error", "wrong", "lost", "left by the client"];

function rowOf(name: string, { sent, right, tolerated, wrong, lost, left, statuses }: Count): string[] {
  return [name, list(statuses), ...[sent, right, tolerated, wrong, lost, left].map(whole)];
}

function sumOf(group: Count["group"], counts: readonly Count[]): Count {
  const sum: Count = { group, sent: 0, right: 0, tolerated: 0, wrong: 0, lost: 0, left: 0, statuses: {} };
  for (const count of counts) {
    for (const key of ["sent", "right", "tolerated", "wrong", "lost", "left"] as const) sum[key] += count[key];
    for (const [status, number] of Object.entries(count.statuses))
      sum.statuses[status] = (sum.statuses[status] ?? 0) + number;
  }
  return sum;
}

function growthTable({ first, last, peaks }: Summary): string {
  const row = (name: string, value: (sample: Sample) => string): string[] => [
    name,
    ...[first, last, peaks].map((sample) => (sample === undefined ? "" : value(sample))),
  ];
  return markdownTable(
    ["held", "at rest after the warm-up", "at rest at the end", "most under load"],
    [
      row("JavaScript heap of the gateway", ({ heapBytes }) => megabytes(heapBytes)),
      row("malloc() of the gateway", ({ mallocBytes }) => megabytes(mallocBytes)),
      row("all memory of the gateway", ({ gatewayBytes }) => megabytes(gatewayBytes)),
      row("memory of all processes", ({ treeBytes }) => megabytes(treeBytes)),
      row("descriptors of the gateway", ({ handles }) => whole(handles)),
      row("threads of the gateway", ({ threads }) => whole(threads)),
      row("processes", ({ processes }) => whole(processes)),
    ],
  );
}

function list(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  return entries.map(([name, count]) => `${whole(count)} × ${name}`).join(", ") || "none";
}

function code(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${whole(value)} ms`;
}
