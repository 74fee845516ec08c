/**
 * The command line: which command, with what.
 */
import { statSync } from "node:fs";
import { parseArgs } from "node:util";

import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { flagOptions, resolveSettings, suggest } from "@offhook/runtime/settings";

import { describeFailure } from "./failure.ts";
import type { Surroundings } from "./surroundings.ts";

const commands = ["dev", "start", "types", "help"];

/** Runs a command to its end. Never rejects: a failure is printed and becomes the exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await dispatch(args, surroundings);
  } catch (error) {
    const { text, exitCode } = describeFailure(error);
    surroundings.stderr.write(text);
    return exitCode;
  }
}

async function dispatch(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case "dev":
    case "start":
      return await serveFolder(command, rest, surroundings);
    case "types":
      return await types(rest, surroundings);
    case "help":
    case "--help":
    case "-h":
      return await help(rest[0], surroundings);
    case "--version":
    case "-v": {
      const { readVersion } = await import("./version.ts");
      surroundings.stdout.write(`${readVersion()}\n`);
      return exitCodes.ok;
    }
    case undefined: {
      const { commandHelp } = await import("./help.ts");
      surroundings.stderr.write(commandHelp);
      return exitCodes.usage;
    }
    default:
      throw unknownCommand(command);
  }
}

/** Each is loaded only when it is asked for. */
const modes = {
  dev: async () => (await import("./dev/dev.ts")).dev,
  start: async () => (await import("./start.ts")).start,
} as const;

async function serveFolder(command: keyof typeof modes, given: string[], surroundings: Surroundings): Promise<number> {
  // Looked for first: hardly anybody asks for it.
  const asked = given.some((arg) => arg.startsWith("--inspect")) ? await import("./dev/inspect-flags.ts") : undefined;
  const { inspect, args } = asked?.takeInspect(command, given) ?? { inspect: undefined, args: given };
  const { values, positionals } = parseArgs({
    args,
    options: { ...flagOptions(), help: { type: "boolean", short: "h" } },
    allowPositionals: true,
    allowNegative: true,
    // The table knows better than the parser what is wrong with a flag, and what was meant.
    strict: false,
  });
  const { help: wantsHelp, ...flags } = values;
  if (wantsHelp !== undefined) return await help(command, surroundings);
  // Before the folder: of a mistyped flag the value is left over, and the flag is what to talk about.
  resolveSettings({ flags });
  const [folder = ".", extra] = positionals;
  if (extra !== undefined) {
    throw new OffhookError("setting-unknown", `"${extra}": ${command} takes one folder, "${folder}"`);
  }
  const [mode, { serve }] = await Promise.all([modes[command](), import("./serving.ts")]);
  return await serve({ ...mode, inspect }, folder, flags, surroundings);
}

async function types(args: string[], surroundings: Surroundings): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) return await help("types", surroundings);
  const { types: typesCommand } = await import("./types.ts");
  return await typesCommand(args, surroundings);
}

async function help(command: string | undefined, surroundings: Surroundings): Promise<number> {
  const { commandHelp, devHelp, startHelp, typesHelp } = await import("./help.ts");
  if (command !== undefined && !commands.includes(command)) throw unknownCommand(command);
  const { stdout } = surroundings;
  const columns = stdout.columns ?? 100;
  const texts: Readonly<Record<string, string>> = {
    dev: devHelp(columns),
    start: startHelp(columns),
    types: typesHelp(),
  };
  stdout.write(texts[command ?? ""] ?? commandHelp);
  return exitCodes.ok;
}

function unknownCommand(command: string): OffhookError {
  const meant = suggest(command, commands);
  const isFolder = statSync(command, { throwIfNoEntry: false })?.isDirectory() === true;
  const hint = isFolder ? `start ${command}` : meant;
  const question = hint === undefined ? "" : `; did you mean "offhook ${hint}"?`;
  return new OffhookError("command-unknown", `"${command}"${question}`);
}
