/**
 * All commands: what the help lists, and where each is. A command is loaded only when it is asked for.
 */
import type { Command, CommandTable } from "./command.ts";

export const commandTable = {
  init: {
    takes: "[folder]",
    summary: "make a new project, or add what an existing one lacks",
    load: () => import("./commands/init.ts"),
  },
  new: {
    takes: "<kind> <path>",
    summary: "add a function or an asset to a project",
    load: () => import("./commands/new.ts"),
  },
  dev: {
    takes: "[folder]",
    summary: "serve a project while it is being written: what changes is live",
    load: () => import("./commands/dev.ts"),
  },
  invoke: {
    takes: "<path> [folder]",
    summary: "run one function, without a server, and print its reply",
    load: () => import("./commands/invoke.ts"),
  },
  logs: {
    takes: "[folder]",
    summary: "show the requests that dev has kept",
    load: () => import("./commands/logs.ts"),
  },
  replay: {
    takes: "[id] [folder]",
    summary: "send one of them again",
    load: () => import("./commands/replay.ts"),
  },
  check: {
    takes: "[folder]",
    summary: "what of a project would be different, or fail, on hosted Functions",
    load: () => import("./commands/check.ts"),
  },
  doctor: {
    takes: "[folder]",
    summary: "look at what a project needs to run here",
    load: () => import("./commands/doctor.ts"),
  },
  types: {
    takes: "[folder]",
    summary: "tell TypeScript and editors what a project has",
    load: () => import("./commands/types.ts"),
  },
  start: {
    takes: "[folder]",
    summary: "serve a project's functions and assets",
    load: () => import("./commands/start.ts"),
  },
  completion: {
    takes: "<shell>",
    summary: "let bash, zsh or fish complete commands and options",
    load: () => import("./commands/completion.ts"),
  },
} as const satisfies CommandTable;

export type CommandName = keyof typeof commandTable;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commandTable, name);
}

export async function loadCommand(name: CommandName): Promise<Command> {
  return (await commandTable[name].load()).default;
}
