/**
 * Texts about the settings, generated from the table: help, reference page, JSON Schema.
 */
import { settingGroups } from "./setting-rows/row.ts";
import type { SettingRow } from "./setting-rows/row.ts";
import { settingRows } from "./setting-table.ts";
import type { SettingKey } from "./setting-table.ts";

function rowsOf(group: SettingRow["group"]): ReturnType<typeof settingRows> {
  return settingRows().filter(([, row]) => row.group === group);
}

/** Breaks `text` at spaces into lines of at most `width` columns. */
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

/** An option as the help shows it. */
export interface FlagHelp {
  /** With its dashes. */
  readonly flag: string;
  readonly short?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly text: string;
}

/** The column where each description begins, beside its flag. A flag that reaches it gets a line of its own. */
const indent = 36;
/** With fewer columns, each description begins below its flag. */
const minColumnsBeside = 72;
const indentBelow = 8;

/** Lines of at most `columns`. */
export function flagLines(flags: readonly FlagHelp[], columns: number): string[] {
  return flags.flatMap(({ flag, short, placeholder, text }) => {
    const head = `  ${short === undefined ? "    " : `${short}, `}${flag}${placeholder === undefined ? "" : ` <${placeholder}>`}`;
    if (columns < minColumnsBeside)
      return [head, ...wrap(text, columns - indentBelow).map((line) => " ".repeat(indentBelow) + line)];
    const [first = "", ...more] = wrap(text, columns - indent);
    const lines = more.map((line) => " ".repeat(indent) + line);
    if (head.length < indent - 1) return [head.padEnd(indent) + first, ...lines];
    return [head, " ".repeat(indent) + first, ...lines];
  });
}

function flagHelp(row: SettingRow): FlagHelp {
  const { flag, short, kind, description, defaultText } = row;
  return { flag, short, placeholder: kind.placeholder, text: `${description} [${defaultText}]` };
}

/**
 * For `--help`, without a final newline: all settings under the names of their groups, or only those of `keys`.
 * @param columns the maximum length of a line.
 */
export function settingsHelp(columns = 100, keys?: readonly SettingKey[]): string {
  if (keys !== undefined) {
    const rows = settingRows().filter(([key]) => keys.includes(key));
    const flags = rows.map(([, row]) => flagHelp(row));
    return flagLines(flags, columns).join("\n");
  }
  const groups = settingGroups.map((group) => {
    const flags = rowsOf(group).map(([, row]) => flagHelp(row));
    return [`${group}:`, ...flagLines(flags, columns)].join("\n");
  });
  return groups.join("\n\n");
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/**
 * The settings for `docs/reference/settings.md`. Each group has a heading of the second level, and each setting one of
 * the third, so that it can be linked to. There is no table: on a phone, its columns would be too narrow.
 */
export function settingsMarkdown(): string {
  const sections = settingGroups.map((group) => {
    const entries = rowsOf(group).map(([key, { flag, short, variables, defaultText, description, kind }]) => {
      const names = [flag, ...(short === undefined ? [] : [short]), ...variables].map((name) => `\`${name}\``);
      const facts = `${names.join(" · ")} · default: ${defaultText}`;
      return `### \`${key}\`\n\n${facts}\n\n${description}\n\nValue: ${kind.allowed}.`;
    });
    return [`## ${group}`, ...entries].join("\n\n");
  });
  return `${sections.join("\n\n")}\n`;
}

/** The JSON Schema of `offhook.json`, draft 2020-12. */
export function settingsSchema(): Record<string, unknown> {
  const properties = settingRows().map(([key, row]) => {
    const isPlain = ["number", "string", "boolean"].includes(typeof row.default);
    // Only this machine has the path of this Node as its default.
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
