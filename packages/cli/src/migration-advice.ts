/**
 * Advice for people who type options and commands of other tools, above all Twilio's own (`twilio-run`, and the CLI's
 * `serverless` commands).
 */
import { OffhookError } from "@offhook/runtime/offhook-error";

const env = "name another file with --env <file>; .env is the default";
const account = "offhook runs on this machine without an account; functions get ACCOUNT_SID and AUTH_TOKEN from .env";
const deployment = "it is for deployments; see offhook deploy --help";

const colors = "set NO_COLOR=1 to turn colours off, or FORCE_COLOR=1 to get them without a terminal";

/** By flag, without dashes. The text completes a sentence. */
const flags: Readonly<Record<string, string>> = {
  color: colors,
  colors,
  live: "offhook dev always reloads changes; offhook start never does",
  ngrok:
    'use --tunnel "ngrok http {port} --log stdout", or with a name --tunnel "ngrok http {port} --log stdout --url <name>", or any other tunnel',
  "load-local-env": `write your shell's variables into .env; functions see no others; ${env}`,
  "load-system-env": `write your shell's variables into .env; functions see no others; ${env}`,
  f: `functions do not see your shell's variables; ${env}`,
  cwd: "pass the folder as an argument: offhook dev path/to/project",
  "detailed-logs": "press d in offhook dev for details of each request, or use --log-level debug",
  logs: "use --access-log or --no-access-log; offhook dev turns it on by default",
  l: "use --log-level <level>",
  "legacy-mode":
    "leave it out: as on hosted Functions, paths of assets do not start with /assets; to get that, put them into a folder assets/assets",
  "experimental-fork-process": "leave it out: each invocation always has its own process",
  "fork-process": "leave it out: each invocation always has its own process, and you cannot turn that off",
  config:
    "leave it out: offhook reads .twilioserverlessrc from the project's folder, and its own settings from offhook.json",
  inspect: "it only works with offhook dev, because a debugger can run any code",
  "inspect-brk": "it only works with offhook dev, because a debugger can run any code",
  c: "leave it out: offhook reads .twilioserverlessrc from the project's folder, and its own settings from offhook.json",
  "config-dir": "leave it out: offhook reads .twilioserverlessrc from the project's folder",
  username: account,
  u: account,
  password: account,
  profile: account,
  "account-sid": account,
  "auth-token": account,
  region: account,
  edge: account,
  runtime: "choose the Node that functions run on with --node <path>",
  properties: "use --log json",
  "output-format": "use --log json",
  o: "use --log json",
  "cli-log-level": "use --log-level <level>",
  "cli-output-format": "use --log json",
  silent: "use --log-level error",
  quiet: "use --log-level warn, which logs only warnings and errors",
  q: "use --log-level warn, which logs only warnings and errors",
  verbose: "use --log-level debug",
  "service-sid": deployment,
  "service-name": deployment,
  n: deployment,
  "build-sid": deployment,
  environment: deployment,
  production: deployment,
  "create-environment": deployment,
  force: deployment,
  "override-existing-project": deployment,
};

/** @param name of a command that both of Twilio's tools have. */
const ofTwilio = (name: string): string =>
  `for your own server, run "offhook with -- twilio-run ${name}"; for hosted Functions, run "twilio serverless:${name}"`;

const commands: Readonly<Record<string, string>> = {
  deploy: 'for your own server, run "offhook deploy"; for hosted Functions, run "twilio serverless:deploy"',
  promote: ofTwilio("promote"),
  activate: ofTwilio("promote"),
  list: ofTwilio("list"),
  env: `${ofTwilio("env")}; offhook dev and start read variables from .env`,
  "list-templates": `run "twilio serverless:list-templates"; offhook runs the functions that its templates create`,
  run: 'run "offhook dev", or "offhook start" to serve without reloading',
  serve: 'run "offhook start", or "offhook dev" to reload changed files',
  local: 'run "offhook dev"',
};

/** Advice for a flag of Twilio's tools. @param name without its dashes, and without `no-`. */
export function adviceForFlag(name: string): string | undefined {
  return Object.hasOwn(flags, name) ? flags[name] : undefined;
}

/** Advice for a command of Twilio's tools: `deploy`, `serverless:deploy`. */
export function adviceForCommand(command: string): string | undefined {
  const name = command.replace(/^serverless:/, "").replace(/^env:.*/, "env");
  if (name === "start" && name !== command) return 'run "offhook dev", or "offhook start"';
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}

/**
 * @param parsedFlags as `parseArgs` returns them.
 * @param known our own flags. They keep their meaning here.
 * @throws OffhookError `setting-unknown` for the first flag of Twilio's tools.
 */
export function refuseForeignFlags(
  parsedFlags: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>>,
): void {
  for (const name of Object.keys(parsedFlags)) {
    const advice = Object.hasOwn(known, name) ? undefined : adviceForFlag(name);
    if (advice === undefined) continue;
    const dashes = name.length === 1 ? "-" : parsedFlags[name] === false ? "--no-" : "--";
    throw new OffhookError("setting-unknown", `${dashes}${name}: ${advice}`);
  }
}
