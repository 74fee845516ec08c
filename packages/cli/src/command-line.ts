/**
 * Finds the command and its input, and runs it.
 */
import { statSync } from "node:fs";

import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { suggest } from "@offhook/runtime/internal/suggestion";

import { asksForHelp, readInput } from "./command-input.ts";
import { commandTable, isCommand, loadCommand } from "./command-table.ts";
import { describeFailure } from "./failure.ts";
import { adviceForCommand } from "./migration-advice.ts";
import type { CommandContext } from "./command-context.ts";
import { columnsOf, writeWrapped } from "./screen/screen.ts";

/** Runs a command until it ends. Never rejects: it prints a failure and returns its exit code. */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await dispatch(args, context);
  } catch (error) {
    const { text, exitCode } = describeFailure(error);
    writeWrapped(context.stderr, text);
    return exitCode;
  }
}

async function dispatch(args: readonly string[], context: CommandContext): Promise<number> {
  const [name, ...rest] = args;
  switch (name) {
    case "help":
    case "--help":
    case "-h":
      return await help(rest[0], context, rest);
    case "--version":
    case "-v": {
      const { readVersion } = await import("./version.ts");
      context.stdout.write(`${readVersion()}\n`);
      return exitCodes.ok;
    }
    case undefined: {
      const { helpText } = await import("./help.ts");
      context.stderr.write(helpText(columnsOf(context.stderr)));
      return exitCodes.usage;
    }
    default: {
      if (!isCommand(name)) throw unknownCommand(name);
      if (asksForHelp(rest)) return await help(name, context, rest);
      const command = await loadCommand(name);
      return await command.run(readInput(name, command, rest), context, commandTable);
    }
  }
}

async function help(name: string | undefined, { stdout }: CommandContext, words: readonly string[]): Promise<number> {
  const { commandHelp, helpText } = await import("./help.ts");
  const columns = columnsOf(stdout);
  if (name === undefined || name === "help") {
    stdout.write(helpText(columns));
  } else {
    if (!isCommand(name)) throw unknownCommand(name);
    stdout.write(commandHelp(name, await loadCommand(name), { columns, isFull: words.includes("--all") }));
  }
  return exitCodes.ok;
}

function unknownCommand(name: string): OffhookError {
  const suggestion = suggest(name, [...Object.keys(commandTable), "help"]);
  const isFolder = statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
  const hint = isFolder ? `start ${name}` : suggestion;
  const advice = isFolder ? undefined : adviceForCommand(name);
  if (advice !== undefined) return new OffhookError("command-unknown", `"${name}": ${advice}`);
  const question = hint === undefined ? "" : `; did you mean "offhook ${hint}"?`;
  return new OffhookError("command-unknown", `"${name}"${question}`);
}
