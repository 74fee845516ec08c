/**
 * Errors that end a command.
 */
import type { LedgerEntry } from "./entry.ts";
import { exitCodes } from "./exit-codes.ts";

export const commandErrors = {
  // The command cannot start.
  "folder-missing": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "The folder does not exist",
    next: "Check the path. The folder of a project comes after the command: `offhook dev path/to/project`.",
  },
  "project-empty": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "The project has no functions and no assets",
    next: "Create a project there with `offhook init`. Put functions in functions/ and assets in assets/, or set `functionsFolder` and `assetsFolder`.",
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
    next: "Check that it exists and that this user may read it.",
  },
  "file-unwritable": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "A file of the project cannot be written",
    next: "Check that this user may write to its folder, and that the disk has room.",
  },
  "file-malformed": {
    exitCode: exitCodes.project,
    fault: "author",
    message: "A file of the project is not valid JSON",
    next: "Fix it at the place shown.",
  },
  "setting-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "Unknown argument or setting",
    next: "The command's `--help` lists its options. `offhook start --help --all` lists all settings.",
  },
  "setting-invalid": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "Invalid argument or setting",
    hasFullDetail: true,
    next: "The command's `--help` says what each option accepts. `offhook start --help --all` says what each setting does.",
  },
  "request-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "No recorded request has this id",
    next: "`offhook logs` lists the requests that `offhook dev` has kept. `last` is the newest one.",
  },
  "request-not-repeatable": {
    exitCode: exitCodes.failed,
    fault: "operator",
    message: "The request cannot be sent again",
    next: "Send it again from its source, or build a request with `offhook invoke`.",
  },
  "command-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "Unknown command",
    next: "`offhook --help` lists the commands.",
  },
  "port-in-use": {
    exitCode: exitCodes.address,
    fault: "operator",
    message: "The port is in use",
    next: "Stop the program that listens there, or choose another port with --port.",
  },
  "debugger-port-in-use": {
    exitCode: exitCodes.address,
    fault: "operator",
    message: "The port for debuggers is in use",
    next: "Stop the program that listens there (another `offhook dev --inspect`, or a Node with `--inspect`), or choose another port: `--inspect=9230`. `--inspect=0` uses any free port.",
  },
  "debugger-unavailable": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "Functions cannot be debugged this way",
    next: "Debug functions with `offhook dev --inspect`. Leave out the option shown above, or use a newer Node.",
  },
  "address-unavailable": {
    exitCode: exitCodes.address,
    fault: "operator",
    message: "Cannot listen on this address",
    next: "Ports below 1024 need privileges. The host must be one of this machine's addresses.",
  },
  "types-outdated": {
    exitCode: exitCodes.outdated,
    fault: "author",
    message: "The types of the project are out of date",
    next: "Run `offhook types` with the same folder and options, and commit the file that it writes.",
  },
  "function-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "The project does not have this function",
    next: "Pass the URL path of a function, such as `/sms`, or its file, such as `functions/sms.protected.js`.",
  },
  "function-private": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "A private function has no URL and cannot be called",
    next: "Invoke a function that requires it, or require it in a test.",
  },
  "signing-key-missing": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "There is no AUTH_TOKEN to sign the request with",
    next: "Set AUTH_TOKEN in the project's .env, or pass the file that has it with --env. Any value will do as long as only Offhook checks it.",
  },
  "name-invalid": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "A function or asset cannot have this name",
    next: "Pass its URL path, without extension for a function: `offhook new function sms/reply`, `offhook new asset images/logo.svg`.",
  },
  "file-exists": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "That name is taken",
    next: "Choose another name, or remove or rename the existing file. Offhook does not overwrite it.",
  },
  "data-folder-unusable": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "The data folder cannot be used",
    next: "Choose another folder with --data, or fix the reason shown.",
  },
  "data-folder-in-use": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "Another server uses the data folder",
    next: "Stop the other server, or choose another folder with --data.",
  },
  "data-folder-empty": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "There is no server's data in this folder",
    next: "Pass the folder of `offhook serve` with --data. The first start of `offhook serve` fills it.",
  },
  "master-key-unusable": {
    exitCode: exitCodes.project,
    fault: "operator",
    message: "The master key cannot be used",
    next: "Use the key that the database was sealed with: `master.key` in the data folder, or the file in OFFHOOK_MASTER_KEY_FILE.",
  },
  "account-invalid": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "The account cannot be used",
    next: "`offhook accounts list` shows the accounts. The Twilio Console shows the SID of yours.",
  },
  "key-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "No key has this SID, or it is revoked already",
    next: "`offhook keys list` shows the keys.",
  },
  "record-unknown": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "The server does not have this",
    next: "`offhook services list` shows the services, and `offhook builds list` shows the builds.",
  },
  "login-missing": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "No server is known to deploy to",
    next: "Run `offhook login URL`, or set OFFHOOK_URL and OFFHOOK_API_KEY.",
  },
  "login-refused": {
    exitCode: exitCodes.failed,
    fault: "operator",
    message: "The server does not accept the key",
    hasFullDetail: true,
    next: "Check the URL and the key. The server's operator makes a key with `offhook keys create`.",
  },
  "deployment-failed": {
    exitCode: exitCodes.failed,
    fault: "operator",
    message: "The server could not do what was asked",
    hasFullDetail: true,
    next: "Fix the reason shown, and run the command again.",
  },
  "program-missing": {
    exitCode: exitCodes.usage,
    fault: "operator",
    message: "The program cannot be started",
    next: "Check its name. The program and its arguments come after the two dashes: `offhook with -- npm run deploy`.",
  },
  "node-too-old": {
    exitCode: exitCodes.node,
    fault: "operator",
    message: "Node 22.18 or newer is required",
    next: "Install a newer Node, e.g. from https://nodejs.org, and run the command again.",
  },
  "platform-unsupported": {
    exitCode: exitCodes.node,
    fault: "operator",
    message: "Windows itself is not supported",
    next: "Run it in WSL, the Windows Subsystem for Linux: https://github.com/offhook/offhook/blob/main/docs/windows.md",
  },
} as const satisfies Record<string, LedgerEntry>;
