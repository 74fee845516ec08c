/** A chart of the ratios: a group of bars for each scenario, with colours for light and dark pages. */
import { cellOf, ratesOf } from "./figures.ts";
import { numberText } from "./number-text.ts";
import type { Results } from "./results.ts";
import { scenarios, type ScenarioName } from "./scenarios.ts";
import { ratios, spreadOf } from "./statistics.ts";
import { allTargets } from "./targets/all-targets.ts";
import type { TargetName } from "./targets/target.ts";

interface Bar {
  readonly target: TargetName;
  readonly title: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const width = 860;
const labelWidth = 230;
const valueWidth = 120;
const barHeight = 16;
const pitch = 23;
const groupHead = 34;
const groupGap = 14;
const top = 74;

const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #3b4048; }
  .title { font-size: 18px; font-weight: 600; fill: #16181d; }
  .group { font-weight: 600; fill: #16181d; }
  .strong { font-weight: 600; fill: #16181d; }
  .page { fill: #ffffff; }
  .line { stroke: #d9dce1; }
  .base { stroke: #7b828d; stroke-dasharray: 3 3; }
  .range { stroke: #16181d; stroke-opacity: 0.55; stroke-width: 1.5; }
  .bar { fill: #b9c0ca; }
  .ours { fill: #2f6fde; }
  @media (prefers-color-scheme: dark) {
    text { fill: #b6bdc8; }
    .title, .group, .strong { fill: #f0f2f5; }
    .page { fill: #14171c; }
    .line { stroke: #333a44; }
    .base { stroke: #8a93a0; }
    .range { stroke: #ffffff; }
    .bar { fill: #4d5765; }
    .ours { fill: #5b93f5; }
  }`;

/** Returns undefined if there is nothing to draw. */
export function chartOf(results: Results): string | undefined {
  const groups = scenarios.flatMap(({ name, title }) => groupOf(results, name, title) ?? []);
  if (groups.length === 0) return undefined;
  const maxRatio = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ high }) => high)));
  const scale = (width - labelWidth - valueWidth) / maxRatio;
  const heights = groups.map(({ bars }) => groupHead + bars.length * pitch + groupGap);
  const height = top + heights.reduce((sum, each) => sum + each, 0) + 8;
  const parts: string[] = [];
  let y = top;
  for (const [index, group] of groups.entries()) {
    parts.push(drawGroup(group, y, scale));
    y += heights[index] ?? 0;
  }
  const { machine, date } = results;
  const subtitle = `node:http = 1, longer is faster; thin lines: all rounds. ${machine.cores} cores, Node ${machine.node}, ${date.slice(0, 10)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Requests per second against node:http">
<style>${style}
</style>
<rect class="page" width="${width}" height="${height}" rx="8"/>
<text class="title" x="20" y="34">Replies per second, against node:http</text>
<text x="20" y="56">${escaped(subtitle)}</text>
${parts.join("\n")}
</svg>
`;
}

/** At 50 connections if the scenario has that number, otherwise at its first number. */
function groupOf(results: Results, scenario: ScenarioName, title: string): Group | undefined {
  const counts = new Set(results.cells.filter((cell) => cell.scenario === scenario).map((cell) => cell.connections));
  const connections = counts.has(50) ? 50 : [...counts][0];
  if (connections === undefined) return undefined;
  const base = ratesOf(cellOf(results, scenario, "node-http", connections));
  const bars = allTargets.flatMap((target): Bar[] => {
    if (target.name === "node-http") return [];
    const spread = spreadOf(ratios(ratesOf(cellOf(results, scenario, target.name, connections)), base));
    if (spread === undefined) return [];
    return [{ target: target.name, title: target.title, ratio: spread.median, low: spread.low, high: spread.high }];
  });
  if (bars.length === 0) return undefined;
  return { title: `${title.replaceAll("`", "")}, ${connections} connections`, bars };
}

function drawGroup({ title, bars }: Group, y: number, scale: number): string {
  const x = labelWidth;
  const bottom = y + groupHead + bars.length * pitch - (pitch - barHeight) + 3;
  const one = x + scale;
  const lines = [
    `<line class="line" x1="20" x2="${width - 20}" y1="${y}" y2="${y}"/>`,
    `<text class="group" x="20" y="${y + 22}">${escaped(title)}</text>`,
  ];
  for (const [index, { target, title: label, ratio, low, high }] of bars.entries()) {
    const barY = y + groupHead + index * pitch;
    const middle = barY + barHeight / 2;
    const emphasis = target === "offhook" ? ' class="strong"' : "";
    const end = x + Math.max(ratio, high) * scale;
    lines.push(
      `<text${emphasis} x="${x - 10}" y="${middle + 4.5}" text-anchor="end">${escaped(label)}</text>`,
      // With a minimum width, so that the slowest bar is visible.
      `<rect class="${target === "offhook" ? "bar ours" : "bar"}" x="${x}" y="${barY}" width="${round(Math.max(1.5, ratio * scale))}" height="${barHeight}" rx="2"/>`,
      `<line class="range" x1="${round(x + low * scale)}" x2="${round(x + high * scale)}" y1="${middle}" y2="${middle}"/>`,
      `<text${emphasis} x="${round(Math.max(end, ratio < 1 && end > one - 44 ? one : 0) + 8)}" y="${middle + 4.5}">${ratioText(ratio)}</text>`,
    );
  }
  lines.push(`<line class="base" x1="${round(one)}" x2="${round(one)}" y1="${y + groupHead - 4}" y2="${bottom}"/>`);
  return lines.join("\n");
}

function ratioText(ratio: number): string {
  // "0.00" would be useless.
  return ratio < 0.01 ? `1/${numberText(Number((1 / ratio).toPrecision(2)))}` : ratio.toFixed(2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
