/** The results as Markdown: first the targets, then all figures, with ratios first. */
import { cellOf, figures, isReached, ratesOf, sampleRatio, summaryOf } from "./figures.ts";
import { markdownTable } from "./markdown-table.ts";
import { durationText, goalText, numberText, spreadText } from "./number-text.ts";
import type { Failure, Measure, Results } from "./results.ts";
import { scenarios, type Scenario } from "./scenarios.ts";
import { ratios, spreadOf } from "./statistics.ts";
import { allTargets, targetOf } from "./targets/all-targets.ts";

/** @param picture the name of the chart's file, in the same folder, if there is one. */
export function reportOf(results: Results, picture?: string): string {
  const parts = [
    `# Measurements of ${results.date.slice(0, 10)}`,
    headOf(results),
    figureTable(results),
    ...(picture === undefined ? [] : [`![Requests per second against node:http](${picture})`]),
    ...scenarios.map((scenario) => scenarioPart(results, scenario)),
    ...results.measures.map((measure) => measurePart(results, measure)),
    failurePart(results.failures),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headOf({ machine, command, rounds, seconds, date }: Results): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\`${command}\`, ${date.slice(0, 16).replace("T", " ")} UTC. ${rounds} rounds, windows of ${seconds} s.`,
    "",
    `- ${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, ${machine.system}. The load comes from the same cores.`,
    `- Node ${machine.node} for all servers on Node. Load by ${machine.loadTool}.`,
    `- ${versions.join(", ")}.`,
    ...machine.remarks.map((remark) => `- ${remark}`),
    "",
    "Each ratio is the median of the rounds' own ratios to node:http in the same round; in parentheses the lowest and the",
    "highest. Servers are measured in turn, and the order changes each round.",
  ].join("\n");
}

export function figureTable(results: Results): string {
  const rows = figures.flatMap((figure) => {
    const spread = figure.measured(results);
    if (spread === undefined) return [];
    const { min: least, max: most, unit } = figure;
    const goal =
      least !== undefined ? `≥ ${goalText(least, unit)}` : most !== undefined ? `≤ ${goalText(most, unit)}` : "";
    const verdict = { true: "reached", false: "not reached", undefined: "" }[`${isReached(figure, spread)}`];
    return [[figure.title, goal, spreadText(spread, unit), verdict]];
  });
  if (rows.length === 0) return "";
  return `## Figures to reach\n\n${markdownTable(["Offhook", "goal", "measured", ""], rows)}`;
}

function scenarioPart(results: Results, scenario: Scenario): string {
  const notes: string[] = [];
  const rows: string[][] = [];
  for (const { name, title, notes: targetNotes, refusals } of allTargets) {
    const cells = results.cells.filter((cell) => cell.scenario === scenario.name && cell.target === name);
    const note = targetNotes[scenario.name];
    const isShown = cells.length > 0;
    const why = refusals[scenario.name];
    const wasAsked = results.cells.some(({ target }) => target === name);
    if (why !== undefined && wasAsked) notes.push(`Without ${title}: ${why}.`);
    if (!isShown) continue;
    const mark = note === undefined ? "" : ` ${footnote(notes, note)}`;
    for (const cell of cells) {
      const base = cellOf(results, scenario.name, "node-http", cell.connections);
      const spread = name === "node-http" ? undefined : spreadOf(ratios(ratesOf(cell), ratesOf(base)));
      const { rate, p50Us, p99Us, errors } = summaryOf(cell);
      rows.push([
        `${title}${mark}`,
        String(cell.connections),
        name === "node-http" ? "1" : spread === undefined ? "" : spreadText(spread),
        numberText(rate),
        durationText(p50Us),
        durationText(p99Us),
        numberText(errors),
      ]);
    }
  }
  if (rows.length === 0) return "";
  const refused = results.cells.some(
    (cell) => cell.scenario === scenario.name && cell.target === "offhook" && summaryOf(cell).errors > 0,
  );
  if (refused && scenario.flags.length === 0) notes.push(limitNote);
  if (scenario.flags.length > 0) notes.push(`Offhook with \`${scenario.flags.join(" ")}\`.`);
  rows.sort((a, b) => Number(a[1]) - Number(b[1]));
  const header = ["server", "connections", "against node:http", "replies/s", "p50", "p99", "errors"];
  const table = markdownTable(header, rows);
  return [`## \`${scenario.name}\`: ${scenario.title}`, table, listOf(notes)]
    .filter((part) => part !== "")
    .join("\n\n");
}

const limitNote =
  "Offhook has the limits of hosted Functions unless they are lifted: a request that has waited 100 ms for one of 30 slots " +
  "gets a 429, which is an error here and no reply. The others have no limit.";

/** The mark of a note: (1), (2) … Adds the note if it is new. */
function footnote(notes: string[], text: string): string {
  const full = (mark: number): string => `(${mark}) ${text}.`;
  const noteIndex = notes.findIndex((note, index) => note === full(index + 1));
  if (noteIndex >= 0) return `(${noteIndex + 1})`;
  notes.push(full(notes.length + 1));
  return `(${notes.length})`;
}

function measurePart(results: Results, { title, rows, notes }: Measure): string {
  const hasBase = rows.some(({ key }) => key === baseKeyOf(key));
  const lines = rows.flatMap(({ key, label, unit, samples }) => {
    const spread = spreadOf(samples);
    if (spread === undefined) return [];
    const base = baseKeyOf(key);
    const ratio = base === undefined ? undefined : sampleRatio(results, key, base);
    const ratioText = ratio === undefined ? "" : key === base ? "1" : spreadText(ratio);
    return [[label, ...(hasBase ? [ratioText] : []), spreadText(spread, unit), String(spread.count)]];
  });
  const header = ["", ...(hasBase ? ["against node:http"] : []), "median (lowest–highest)", "times"];
  const table = lines.length === 0 ? "" : markdownTable(header, lines);
  return [`## ${title}`, table, listOf(notes)].filter((part) => part !== "").join("\n\n");
}

/** The row of node:http for the same work, which a row is compared with. */
function baseKeyOf(key: string): string | undefined {
  if (key.startsWith("start ")) return "start node-http";
  if (key.startsWith("first ")) return key.endsWith(" twilio") ? "first node-http twilio" : "first node-http";
  return /^memory (?:idle|busy) /.exec(key)?.[0].concat("node-http");
}

function listOf(notes: readonly string[]): string {
  return notes.map((note) => `- ${note}`).join("\n");
}

function failurePart(failures: readonly Failure[]): string {
  if (failures.length === 0) return "";
  const lines = failures.map(({ target, where, isWrongReply, message }) => {
    const what = isWrongReply ? "replied wrongly, so it has no figures there" : "failed";
    return `- ${targetOf(target).title}, \`${where}\`: ${what}.\n\n${indented(message)}`;
  });
  return `## What did not work\n\n${lines.join("\n")}`;
}

/** Formats a text as a block inside a list item. */
function indented(text: string): string {
  return ["```text", ...text.split("\n"), "```"].map((line) => `  ${line}`.trimEnd()).join("\n");
}
