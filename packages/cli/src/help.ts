/**
 * The texts of `--help`, made from the table of commands and their declarations.
 */
import { exitCodes } from "@offhook/runtime/errors";
import { flagLines, settingsHelp, type SettingKey } from "@offhook/runtime/settings";

import { commandTable, type CommandName } from "./command-table.ts";
import type { Command } from "./command.ts";
import { wrapLine, wrapLines } from "./screen/line-wrap.ts";

/** The width of a help text whose terminal is unknown. */
const defaultColumns = 100;
/** Longer lines are hard to read. */
const maxColumns = 110;
const minColumns = 30;

/** @param columns of the terminal, if there is one. */
export function helpText(columns = defaultColumns): string {
  const rows = Object.entries(commandTable).map(([name, { takes, summary }]) => [`${name} ${takes}`, summary] as const);
  const lines = [...rows, ["help [command]", "show help"] as const].map(
    ([head, text]) => `  ${head.padEnd(24)}${text}`,
  );
  const text = `Offhook runs Twilio Functions anywhere.

Usage: offhook <command>

Examples:
  offhook init my-replies
  offhook dev my-replies

Commands:
${lines.join("\n")}

Options:
  -h, --help              show help, or help for a command: offhook start --help
  -v, --version           show the version

Offhook is not affiliated with Twilio.
`;
  return wrapLines(text, widthOf(columns));
}

function widthOf(columns: number): number {
  return Math.max(minColumns, Math.min(columns, maxColumns));
}

const exitCodeWords: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "success",
  internal: "an error in Offhook",
  usage: "an invalid command line or setting",
  project: "the project cannot be loaded or served",
  address: "the server cannot listen on the address",
  node: "Node is too old, or this is Windows",
  outdated: "the generated file is out of date (types --check)",
  findings: "found something that you need to fix (check, doctor)",
  failed: "the function failed, or its reply's status is 400 or more (invoke, replay)",
};

const settingsIntroduction = `Each setting is also a key of offhook.json in that folder (--log-level: "logLevel") and an environment
variable (OFFHOOK_LOG_LEVEL). Options override variables, and variables override the file. Defaults are in
brackets. Times are written like 500ms, 10s or 2m, sizes like 500kb or 1mb. 0 removes a limit, where that
is possible.`;

export interface HelpOptions {
  /** Of the terminal, if there is one. */
  readonly columns?: number | undefined;
  /** Whether to explain all settings, not only the main ones. */
  readonly isFull?: boolean;
}

export function commandHelp(name: CommandName, command: Command, options: HelpOptions = {}): string {
  const { columns = defaultColumns, isFull = false } = options;
  const width = widthOf(columns);
  const { about, usage, examples, notes, settings } = command;
  const codes = command.exitCodes.map((code) => `  ${exitCodes[code]}  ${exitCodeWords[code]}`);
  const hasMore = settings === "all" && !isFull;
  const parts = [
    wrapLine(`Usage: offhook ${name} ${usage}`, width, 2),
    reflowed(about, width),
    ...(usage.includes("[folder]") ? ["The default folder is the current one."] : []),
    `Examples:\n${examples.map((example) => `  ${example}`).join("\n")}`,
    ...optionsHelp(command, width, isFull),
    ...(settings === "all" && isFull ? [reflowed(settingsIntroduction, width), settingsHelp(width)] : []),
    ...(notes === undefined ? [] : [reflowed(notes, width)]),
    wrapLines(`Exit codes:\n${codes.join("\n")}`, width),
    ...(hasMore ? [wrapLines(`More options: offhook ${name} --help --all`, width)] : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Fills the lines of each paragraph again. Paragraphs with indented lines keep their lines. */
function reflowed(text: string, width: number): string {
  return text
    .split("\n\n")
    .map((paragraph) => {
      const isList = /^ /m.test(paragraph);
      return isList ? wrapLines(paragraph, width) : wrapLine(paragraph.replaceAll("\n", " "), width, 0);
    })
    .join("\n\n");
}

/** The command's own options, and its settings unless all of them follow. */
function optionsHelp({ options, settings, mainSettings = [] }: Command, width: number, isFull: boolean): string[] {
  const commandOptions = Object.entries(options).map(([name, { kind, short, placeholder, choices, description }]) => ({
    flag: `--${name}${kind === "optional" ? `[=${placeholder}]` : ""}`,
    short: short === undefined ? undefined : `-${short}`,
    placeholder: kind === "optional" ? undefined : (placeholder ?? choices?.join("|")),
    text: description,
  }));
  const ownLines = flagLines(commandOptions, width);
  const settingLines = (keys: readonly SettingKey[]): string[] =>
    keys.length === 0 ? [] : settingsHelp(width, keys).split("\n");
  const lines =
    settings === "all"
      ? [...(isFull ? [] : settingLines(mainSettings)), ...ownLines]
      : [...ownLines, ...settingLines(settings)];
  return lines.length === 0 ? [] : [["Options:", ...lines].join("\n")];
}
