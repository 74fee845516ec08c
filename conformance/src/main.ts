import { parseArgs } from "node:util";
import type { Check } from "./check.ts";
import { allChecks, groups } from "./contract.ts";
import { jsonOf, tableOf } from "./report.ts";
import { judge } from "./runner.ts";
import { offhookTarget } from "./targets/offhook.ts";
import type { Target } from "./targets/target.ts";
import { twilioRunTarget } from "./targets/twilio-run.ts";
import { urlTarget } from "./targets/url.ts";

const help = `Judges a server of Twilio Functions by the rows of the contract.

npm run conformance -- --target offhook|twilio-run|http://… [options]

  --target NAME      offhook (default), twilio-run, or the URL of a server that serves conformance/project
  --only ROWS        rows to judge, such as 1,2,30-40
  --json             print JSON instead of a table
  --lenient          accept any 4xx if the contract only requires a refusal; for the hosted product
  --project DIR      another copy of the project, such as one whose .env has a real AUTH_TOKEN
  --twilio-run DIR   a folder in which twilio-run is installed (or TWILIO_RUN)

The exit code is 0 if no row failed, 1 if one did, and 2 if the command line is wrong.
`;

/** The command line is wrong. Printed without a stack trace. */
class UsageError extends Error {}

async function targetOf(name: string, twilioRunFolder: string | undefined): Promise<Target> {
  if (name === "offhook") return offhookTarget();
  if (name === "twilio-run") return twilioRunTarget(twilioRunFolder);
  if (/^https?:\/\//.test(name)) return urlTarget(name);
  throw new UsageError(`Invalid value for --target: "${name}". Expected offhook, twilio-run or a URL.`);
}

/** `1,2,30-40` */
function checksOf(rows: string | undefined): readonly Check[] {
  if (rows === undefined) return allChecks();
  const ranges = rows.split(",").map((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === undefined)
      throw new UsageError(`Invalid value for --only: "${rows}". Expected rows such as 1,2,30-40.`);
    return { first: Number(first), last: Number(last) };
  });
  const checks = allChecks().filter(({ row }) => ranges.some(({ first, last }) => row >= first && row <= last));
  if (checks.length === 0) throw new UsageError(`Invalid value for --only: "${rows}". No check has these rows.`);
  return checks;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      target: { type: "string", default: "offhook" },
      only: { type: "string" },
      json: { type: "boolean", default: false },
      lenient: { type: "boolean", default: false },
      project: { type: "string" },
      "twilio-run": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const checks = checksOf(values.only);
  const target = await targetOf(values.target, values["twilio-run"] ?? process.env["TWILIO_RUN"]);
  const results = await judge(target, checks, {
    lenient: values.lenient,
    ...(values.project === undefined ? {} : { project: values.project }),
  });
  const report = values.json ? jsonOf(target.name, groups, results) : `${target.name}\n\n${tableOf(groups, results)}`;
  process.stdout.write(`${report}\n`);
  return results.some((result) => result.verdict === "failed") ? 1 : 0;
}

// With a handler for signals, `exit` events run and end the started servers.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = await main();
} catch (error) {
  const code = (error as { code?: unknown }).code;
  const isUsage = error instanceof UsageError || (typeof code === "string" && code.startsWith("ERR_PARSE_ARGS"));
  process.stderr.write(isUsage ? `${(error as Error).message}\n` : `${(error as Error).stack}\n`);
  process.exitCode = isUsage ? 2 : 3;
}
