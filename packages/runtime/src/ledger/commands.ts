/**
 * What ends a command.
 */
import type { LedgerEntry } from "./entry.ts";
import { exitCodes } from "./exit-codes.ts";

export const commandErrors = {
  // The command cannot start.
  "folder-missing": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "The folder does not exist",
    next: "Name the project's folder: `offhook start path/to/project`.",
  },
  "project-empty": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "The project has no functions and no assets",
    next: "Put functions in functions/ and assets in assets/, or set `functionsFolder` and `assetsFolder`.",
  },
  "path-duplicate": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "Two files claim the same path",
    next: "Rename or remove one of them: functions and assets share one namespace.",
  },
  "asset-too-large": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "An asset is larger than the limit",
    next: "Make it smaller, or raise `assetLimit` (public and protected) or `privateAssetLimit`.",
  },
  "file-unreadable": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "A file of the project cannot be read",
    next: "Check that it exists and may be read by this user.",
  },
  "file-unwritable": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "A file of the project cannot be written",
    next: "Check that its folder may be written to by this user, and that the disk has room.",
  },
  "file-malformed": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "A file of the project is not valid JSON",
    next: "Mend it at the place named.",
  },
  "setting-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "There is no such setting here",
    next: "The command's `--help` lists what it takes, `offhook start --help` all settings.",
  },
  "setting-invalid": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "A setting has a value that it cannot have",
    next: "The command's `--help` says what each option takes, `offhook start --help` what each setting does.",
  },
  "request-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "There is no such request in the journal",
    next: "`offhook logs` lists the requests that `offhook dev` has kept; the newest is `last`.",
  },
  "request-not-repeatable": {
    exitCode: exitCodes.failed,
    fault: "operator",
    message: "The request cannot be sent again",
    next: "Send it from its source, or make one with `offhook invoke`.",
  },
  "command-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "There is no such command",
    next: "`offhook --help` lists the commands.",
  },
  "port-in-use": {
    exitCode: exitCodes.address,
    fault: "operator",
    message: "The port is in use",
    next: "Stop what listens there, or choose another with --port.",
  },
  "debugger-port-in-use": {
    exitCode: exitCodes.address,
    fault: "operator",
    message: "The port for debuggers is in use",
    next: "Stop what listens there (another `offhook dev --inspect`, or a Node with `--inspect`), or choose another: `--inspect=9230`; `--inspect=0` takes any free one.",
  },
  "debugger-unavailable": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "Functions cannot be debugged this way",
    next: "`offhook dev --inspect` debugs functions: leave out what is named, or use a newer Node.",
  },
  "address-unavailable": {
    exitCode: exitCodes.address,
    fault: "operator",
    message: "The address cannot be listened on",
    next: "Ports below 1024 need privileges; the host must be one of this machine's addresses.",
  },
  "types-outdated": {
    exitCode: exitCodes.outdated,
    fault: "author",
    message: "The types of the project are out of date",
    next: "Run `offhook types` with the same folder and options, and commit what it writes.",
  },
  "function-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "The project has no such function",
    next: "Name it by its URL path, `/sms`, or by its file, `functions/sms.protected.js`.",
  },
  "function-private": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "A private function has no URL, so nobody can call it",
    next: "Invoke a function that requires it, or require it in a test.",
  },
  "signing-key-missing": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "There is no AUTH_TOKEN to sign the request with",
    next: "Set AUTH_TOKEN in the project's .env, or name the file that has it with --env. Any value will do as long as only Offhook checks it.",
  },
  "name-invalid": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "No function or asset can have that name",
    next: "Name it as its URL path, without extension for a function: `offhook new function sms/reply`, `offhook new asset images/logo.svg`.",
  },
  "file-exists": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "There is something of that name already",
    next: "Choose another name, or remove or rename what is there: nothing is overwritten.",
  },
  "node-too-old": {
    exitCode: exitCodes.node,
    fault: "operator",
    message: "Offhook needs Node 22.18 or newer",
    next: "Install a newer Node, e.g. from https://nodejs.org, and run the command again.",
  },
} as const satisfies Record<string, LedgerEntry>;
