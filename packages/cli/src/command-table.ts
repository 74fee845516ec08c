/**
 * All commands: what the help lists, and where each is. A command is loaded only when it is asked for.
 */
import type { Command } from "./command.ts";

interface CommandEntry {
  /** Its arguments, as the list of commands shows them. */
  readonly takes: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly default: Command }>;
}

export const commandTable = {
  check: {
    takes: "[folder]",
    summary: "what of a project would be different, or fail, on hosted Functions",
    load: () => import("./commands/check.ts"),
  },
  dev: {
    takes: "[folder]",
    summary: "serve a project while it is being written: what changes is live",
    load: () => import("./commands/dev.ts"),
  },
  doctor: {
    takes: "[folder]",
    summary: "look at what a project needs to run here",
    load: () => import("./commands/doctor.ts"),
  },
  start: {
    takes: "[folder]",
    summary: "serve a project's functions and assets",
    load: () => import("./commands/start.ts"),
  },
  types: {
    takes: "[folder]",
    summary: "tell TypeScript and editors what a project has",
    load: () => import("./commands/types.ts"),
  },
} as const satisfies Record<string, CommandEntry>;

export type CommandName = keyof typeof commandTable;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commandTable, name);
}

export async function loadCommand(name: CommandName): Promise<Command> {
  return (await commandTable[name].load()).default;
}
