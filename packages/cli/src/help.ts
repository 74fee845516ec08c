/**
 * The texts of `--help`.
 */
import { exitCodes } from "@offhook/runtime/errors";
import { settingsHelp } from "@offhook/runtime/settings";

export const commandHelp = `Offhook runs Twilio Functions anywhere.

Usage: offhook <command>

Commands:
  dev [folder]      serve a project while it is being written: what changes is live
  start [folder]    serve a project's functions and assets
  types [folder]    tell TypeScript and editors what a project has
  help [command]    show help

Options:
  -h, --help        show help, also of a command: offhook start --help
  -v, --version     show the version

Offhook is not affiliated with Twilio.
`;

const exitCodeWords: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: "ended as asked",
  internal: "an error in Offhook",
  usage: "a wrong command line or setting",
  project: "the project cannot be served",
  address: "the address cannot be listened on",
  node: "the Node is too old",
  outdated: "what is generated is out of date (types --check)",
};

/** @param columns of the terminal. */
export function startHelp(columns: number): string {
  return servingHelp("start", "Serves the functions and assets of a project folder.", columns);
}

/** @param columns of the terminal. */
export function devHelp(columns: number): string {
  const what = `Serves the functions and assets of a project folder to their author: like start, with the same limits and
signatures, but what changes in the folder is live at the next request, each request has a line in the
log (--no-access-log turns that off), and errors are answered with their stack, in a
browser with a page.`;
  return servingHelp("dev", what, columns, debuggerHelp);
}

/** Of `dev` alone, on its command line alone: no settings, which would go along with a project. */
const debuggerHelp = `
Debugger:
  --inspect[=[host:]port]           Let debuggers in: Chrome (chrome://inspect) and editors. [127.0.0.1:9229]
  --inspect-brk[=[host:]port]       The same, wait for one, and stop at the first line of the first call.
`;

function servingHelp(command: "dev" | "start", what: string, columns: number, more = ""): string {
  return `${what}

Usage: offhook ${command} [folder] [options]

The folder is the current one unless named. Each option is also a key of offhook.json in that folder
(--log-level: "logLevel") and an environment variable (OFFHOOK_LOG_LEVEL). An option beats a variable, a
variable beats the file. In brackets: the default.

${settingsHelp(Math.max(72, Math.min(columns, 110)))}
${more}
Times are written like 500ms, 10s or 2m, sizes like 500kb or 1mb. 0 lifts a limit where that is possible.

Exit codes:
${exitCodeLines("ok", "internal", "usage", "project", "address", "node")}
`;
}

export function typesHelp(): string {
  return `Writes offhook-env.d.ts into a project folder: the names of its variables, functions and private
assets, so that TypeScript and editors complete them and a typo is an error. Names only, never the value of
a variable.

Usage: offhook types [folder] [options]

The folder is the current one unless named. Run it again when variables, functions or private assets come
or go, and commit what it writes. A file that is up to date is not touched. Where nobody has the .env, in CI
for example, name a file that has the same variables: --env .env.example, there and everywhere else.

  --check                        write nothing; exit with ${exitCodes.outdated} if the file is missing or out of date
  --json                         print what was found as one line of JSON
  --env <file>                   as for start, and also from offhook.json and the environment,
  --functions-folder <folder>    like these two
  --assets-folder <folder>

The types come from @offhook/runtime, which the project needs: npm install --save-dev @offhook/runtime

Exit codes:
${exitCodeLines("ok", "internal", "usage", "project", "node", "outdated")}
`;
}

function exitCodeLines(...names: readonly (keyof typeof exitCodes)[]): string {
  return names.map((name) => `  ${exitCodes[name]}  ${exitCodeWords[name]}`).join("\n");
}
