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
};

/** @param columns of the terminal. */
export function startHelp(columns: number): string {
  return servingHelp("start", "Serves the functions and assets of a project folder.", columns);
}

/** @param columns of the terminal. */
export function devHelp(columns: number): string {
  const what = `Serves the functions and assets of a project folder to their author: like start, with the same limits and
signatures, but what changes in the folder is live at the next request, each request has a line in the
log (--no-access-log turns that off), and errors are answered with their stack.`;
  return servingHelp("dev", what, columns);
}

function servingHelp(command: "dev" | "start", what: string, columns: number): string {
  const codes = Object.entries(exitCodes).map(([name, code]) => {
    return `  ${code}  ${exitCodeWords[name as keyof typeof exitCodes]}`;
  });
  return `${what}

Usage: offhook ${command} [folder] [options]

The folder is the current one unless named. Each option is also a key of offhook.json in that folder
(--log-level: "logLevel") and an environment variable (OFFHOOK_LOG_LEVEL). An option beats a variable, a
variable beats the file. In brackets: the default.

${settingsHelp(Math.max(72, Math.min(columns, 110)))}

Times are written like 500ms, 10s or 2m, sizes like 500kb or 1mb. 0 lifts a limit where that is possible.

Exit codes:
${codes.join("\n")}
`;
}
