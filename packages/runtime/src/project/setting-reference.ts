/**
 * What people read about the settings, made from the table: help, reference page, JSON Schema.
 */
import { settingGroups } from "./setting-rows/row.ts";
import type { SettingRow } from "./setting-rows/row.ts";
import { settingRows } from "./setting-table.ts";

function rowsOf(group: SettingRow["group"]): ReturnType<typeof settingRows> {
  return settingRows().filter(([, row]) => row.group === group);
}

/** `text` in lines of at most `width` columns, broken at spaces. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The settings for `offhook start --help`: grouped, at most `columns` wide, without a final newline. */
export function settingsHelp(columns = 100): string {
  const heads = new Map(
    settingRows().map(([key, row]) => {
      const short = row.short === undefined ? "    " : `${row.short}, `;
      const placeholder = row.kind.placeholder === undefined ? "" : ` <${row.kind.placeholder}>`;
      return [key, `  ${short}${row.flag}${placeholder}`] as const;
    }),
  );
  // A description begins beside its flag, in one column for all; a longer flag gets a line of its own.
  const indent = 36;
  const lines: string[] = [];
  for (const group of settingGroups) {
    lines.push(`${group}:`);
    for (const [key, row] of rowsOf(group)) {
      const head = heads.get(key) ?? "";
      const text = wrap(`${row.description} [${row.defaultText}]`, columns - indent);
      if (head.length < indent - 1) lines.push(head.padEnd(indent) + (text.shift() ?? ""));
      else lines.push(head);
      lines.push(...text.map((line) => " ".repeat(indent) + line));
    }
    lines.push("");
  }
  return lines.join("\n").trimEnd();
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** The tables of `docs/reference/settings.md`, one for each group under a heading of the second level. */
export function settingsMarkdown(): string {
  const sections = settingGroups.map((group) => {
    const rows = rowsOf(group).map(([key, row]) => {
      const flag = [row.flag, row.short].filter((each) => each !== undefined);
      const names = [flag, row.variables].map((each) => each.map((name) => `\`${name}\``).join(", "));
      const text = `${row.description} ${sentence(row.kind.allowed)}`;
      return `| \`${key}\` | ${names.join(" | ")} | ${cell(row.defaultText)} | ${cell(text)} |`;
    });
    return [
      `## ${group}`,
      "",
      "| `offhook.json` | flag | variable | default | meaning |",
      "| --- | --- | --- | --- | --- |",
      ...rows,
    ].join("\n");
  });
  return `${sections.join("\n\n")}\n`;
}

/** The JSON Schema of `offhook.json`, draft 2020-12. */
export function settingsSchema(): Record<string, unknown> {
  const properties = settingRows().map(([key, row]) => {
    const isPlain = ["number", "string", "boolean"].includes(typeof row.default);
    // The path of this Node is nobody else's default.
    const hasDefault = isPlain && key !== "node";
    const description = `${row.description} ${sentence(row.kind.allowed)}`;
    return [key, { description, ...row.kind.schema, ...(hasDefault && { default: row.default }) }] as const;
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Settings of Offhook",
    type: "object",
    additionalProperties: false,
    properties: { $schema: { type: "string" }, ...Object.fromEntries(properties) },
  };
}
