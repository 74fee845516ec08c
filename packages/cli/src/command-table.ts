/**
 * All commands: the list in the help, and the modules. Loads the module of a command on demand.
 */
import type { Command, CommandTable } from "./command.ts";

export const commandTable = {
  init: {
    takes: "[folder]",
    summary: "create a project, or add the missing files to an existing one",
    load: () => import("./commands/init.ts"),
  },
  new: {
    takes: "<kind> <path>",
    summary: "add a function or an asset to a project",
    load: () => import("./commands/new.ts"),
  },
  dev: {
    takes: "[folder]",
    summary: "serve a project while you write it; changes are live at once",
    load: () => import("./commands/dev.ts"),
  },
  invoke: {
    takes: "<path> [folder]",
    summary: "run one function without a server, and print its reply",
    load: () => import("./commands/invoke.ts"),
  },
  logs: {
    takes: "[folder]",
    summary: "show the requests that dev recorded",
    load: () => import("./commands/logs.ts"),
  },
  replay: {
    takes: "[id] [folder]",
    summary: "send a recorded request again",
    load: () => import("./commands/replay.ts"),
  },
  check: {
    takes: "[folder]",
    summary: "find what would fail or behave differently on hosted Functions",
    load: () => import("./commands/check.ts"),
  },
  doctor: {
    takes: "[folder]",
    summary: "check that this machine has what a project needs",
    load: () => import("./commands/doctor.ts"),
  },
  types: {
    takes: "[folder]",
    summary: "write types for a project's variables, functions and assets",
    load: () => import("./commands/types.ts"),
  },
  start: {
    takes: "[folder]",
    summary: "serve a project's functions and assets",
    load: () => import("./commands/start.ts"),
  },
  serve: {
    takes: "--data <folder>",
    summary: "serve many services, and let Twilio's tools deploy to it",
    load: () => import("./commands/serve.ts"),
  },
  status: {
    takes: "[options]",
    summary: "show the state of a server that serve runs",
    load: () => import("./commands/status.ts"),
  },
  accounts: {
    takes: "<action> [sid]",
    summary: "manage the Twilio accounts of a server",
    load: () => import("./commands/accounts.ts"),
  },
  keys: {
    takes: "<action> [key]",
    summary: "manage the API keys of a server",
    load: () => import("./commands/keys.ts"),
  },
  services: {
    takes: "<action> [service]",
    summary: "list a server's services, and set their settings",
    load: () => import("./commands/services.ts"),
  },
  builds: {
    takes: "<action> [sid]",
    summary: "show a server's builds, and why a build failed",
    load: () => import("./commands/builds.ts"),
  },
  domains: {
    takes: "<action>",
    summary: "list the host names that a server serves",
    load: () => import("./commands/domains.ts"),
  },
  "erase-logs": {
    takes: "[options]",
    summary: "erase log lines of a server",
    load: () => import("./commands/erase-logs.ts"),
  },
  audit: {
    takes: "[options]",
    summary: "show who changed what on a server",
    load: () => import("./commands/audit.ts"),
  },
  backup: {
    takes: "<folder>",
    summary: "copy a server's data, also while it runs",
    load: () => import("./commands/backup.ts"),
  },
  restore: {
    takes: "<folder>",
    summary: "make a server's data folder from a backup",
    load: () => import("./commands/restore.ts"),
  },
  login: {
    takes: "<url>",
    summary: "store the URL and the key of a server to deploy to",
    load: () => import("./commands/login.ts"),
  },
  deploy: {
    takes: "[folder]",
    summary: "deploy a project to your server",
    load: () => import("./commands/deploy.ts"),
  },
  with: {
    takes: "-- <program>",
    summary: "run a tool of Twilio's, so that it deploys to your server",
    load: () => import("./commands/with.ts"),
  },
  env: {
    takes: "",
    summary: "print the variables with which Twilio's tools reach your server",
    load: () => import("./commands/env.ts"),
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
