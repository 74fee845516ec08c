/**
 * The texts of `--help`, made from the table of commands and their declarations.
 */
import { exitCodes } from "@offhook/runtime/errors";
import { flagLines, settingsHelp } from "@offhook/runtime/settings";

import { commandTable, type CommandName } from "./command-table.ts";
import type { Command } from "./command.ts";

export function helpText(): string {
  const rows = Object.entries(commandTable).map(([name, { takes, summary }]) => [`${name} ${takes}`, summary] as const);
  const lines = [...rows, ["help [command]", "show help"] as const].map(
    ([head, text]) => `  ${head.padEnd(24)}${text}`,
  );
  return `Offhook runs Twilio Functions anywhere.

Usage: offhook <command>

Commands:
${lines.join("\n")}

Options:
  -h, --help              show help, or help for a command: offhook start --help
  -v, --version           show the version

Offhook is not affiliated with Twilio.
`;
}

const exitCodeWords: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "success",
  internal: "an error in Offhook",
  usage: "an invalid command line or setting",
  project: "the project cannot be loaded or served",
  address: "the server cannot listen on the address",
  node: "Node is too old",
  outdated: "the generated file is out of date (types --check)",
  findings: "found something that you need to fix (check, doctor)",
  failed: "the function failed, or its reply's status is 400 or more (invoke, replay)",
};

const settingsIntroduction = `Each setting is also a key of offhook.json in that folder (--log-level: "logLevel") and an environment
variable (OFFHOOK_LOG_LEVEL). Options override variables, and variables override the file. Defaults are in
brackets. Times are written like 500ms, 10s or 2m, sizes like 500kb or 1mb. 0 removes a limit, where that
is possible.`;

/** @param columns of the terminal. */
export function commandHelp(name: CommandName, command: Command, columns: number): string {
  const width = Math.max(72, Math.min(columns, 110));
  const codes = command.exitCodes.map((code) => `  ${exitCodes[code]}  ${exitCodeWords[code]}`);
  const parts = [
    command.about,
    `Usage: offhook ${name} ${command.usage}`,
    ...(hasFolder(command) ? ["The default folder is the current one."] : []),
    ...optionsHelp(command, width),
    ...(command.settings === "all" ? [settingsIntroduction, settingsHelp(width)] : []),
    ...(command.notes === undefined ? [] : [command.notes]),
    `Exit codes:\n${codes.join("\n")}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function hasFolder({ usage }: Command): boolean {
  return usage.includes("[folder]");
}

/** The command's own options, and its settings if it accepts only some. */
function optionsHelp({ options, settings }: Command, width: number): string[] {
  const commandOptions = Object.entries(options).map(([name, { kind, short, placeholder, choices, description }]) => ({
    flag: `--${name}${kind === "optional" ? `[=${placeholder}]` : ""}`,
    short: short === undefined ? undefined : `-${short}`,
    placeholder: kind === "optional" ? undefined : (placeholder ?? choices?.join("|")),
    text: description,
  }));
  const lines = flagLines(commandOptions, width);
  const some = settings === "all" || settings.length === 0 ? [] : settingsHelp(width, settings).split("\n");
  return lines.length + some.length === 0 ? [] : [["Options:", ...lines, ...some].join("\n")];
}
