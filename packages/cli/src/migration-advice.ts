/**
 * What people type who come from other tools, Twilio's own before all (`twilio-run` and the CLI's `serverless` commands), and what to
 * type here.
 */
import { OffhookError } from "@offhook/runtime/offhook-error";

const env = "name the file with --env <file>; .env is read without being named";
const account =
  "offhook serves on this machine and uses no account; functions have ACCOUNT_SID and AUTH_TOKEN from .env";
const deployment = "it is about deployments, and offhook makes none";

const colors = "set NO_COLOR=1 for none, FORCE_COLOR=1 for some where there is no terminal";

/** By flag, without dashes: completes a sentence. */
const flags: Readonly<Record<string, string>> = {
  color: colors,
  colors,
  live: "offhook dev takes up each change by itself; offhook start never does",
  ngrok:
    'write --tunnel "ngrok http {port} --log stdout", or with a name --tunnel "ngrok http {port} --log stdout --url <name>", or any other tunnel',
  "load-local-env": `write variables of your shell into the file of variables: functions see nothing else of it; ${env}`,
  "load-system-env": `write variables of your shell into the file of variables: functions see nothing else of it; ${env}`,
  f: `functions see nothing of your shell's variables; ${env}`,
  cwd: "name the folder itself: offhook dev path/to/project",
  "detailed-logs": "press d in offhook dev for details of each request, or write --log-level debug",
  logs: "write --access-log or --no-access-log; offhook dev has it on by itself",
  l: "write --log-level <level>",
  "legacy-mode":
    "leave it out: assets have no /assets before their path, as hosted; what needs that can have a folder assets/assets",
  "experimental-fork-process": "leave it out: each invocation has a process of its own by itself",
  "fork-process": "leave it out: each invocation has a process of its own by itself, and offhook has no other way",
  config:
    "leave it out: .twilioserverlessrc is read from the project's folder, and offhook's own settings from offhook.json",
  inspect: "it is for offhook dev: start serves others than its author",
  "inspect-brk": "it is for offhook dev: start serves others than its author",
  c: "leave it out: .twilioserverlessrc is read from the project's folder, and offhook's own settings from offhook.json",
  "config-dir": "leave it out: .twilioserverlessrc is read from the project's folder",
  username: account,
  u: account,
  password: account,
  profile: account,
  "account-sid": account,
  "auth-token": account,
  region: account,
  edge: account,
  runtime: "name the Node that functions run on with --node <path>",
  properties: "write --log json",
  "output-format": "write --log json",
  o: "write --log json",
  "cli-log-level": "write --log-level <level>",
  "cli-output-format": "write --log json",
  silent: "write --log-level error",
  quiet: "write --log-level warn, which leaves out what went well",
  q: "write --log-level warn, which leaves out what went well",
  verbose: "write --log-level debug",
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

const elsewhere = (twilio: string): string =>
  `offhook serves, and deploys nothing: write "${twilio}" for hosted Functions`;

const commands: Readonly<Record<string, string>> = {
  deploy: elsewhere("twilio serverless:deploy"),
  promote: elsewhere("twilio serverless:promote"),
  activate: elsewhere("twilio serverless:promote"),
  list: elsewhere("twilio serverless:list"),
  env: `${elsewhere("twilio serverless:env")}; here the variables are in .env`,
  "list-templates": `write "twilio serverless:list-templates"; what its templates make runs here`,
  run: 'write "offhook dev", or "offhook start" where nothing changes',
  serve: 'write "offhook start", or "offhook dev" where files change',
  local: 'write "offhook dev"',
};

/** What to do instead of a flag of Twilio's tools. @param name without its dashes, and without `no-`. */
export function adviceForFlag(name: string): string | undefined {
  return Object.hasOwn(flags, name) ? flags[name] : undefined;
}

/** What to do instead of a command of Twilio's tools: `deploy`, `serverless:deploy`. */
export function adviceForCommand(command: string): string | undefined {
  const name = command.replace(/^serverless:/, "").replace(/^env:.*/, "env");
  if (name === "start" && name !== command) return 'write "offhook dev", or "offhook start"';
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}

/**
 * @param parsedFlags as `parseArgs` returns them.
 * @param known those that are ours: they mean what they mean here.
 * @throws OffhookError `setting-unknown` for the first that comes from Twilio's tools.
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
