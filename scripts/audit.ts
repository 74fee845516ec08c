/**
 * `npm run audit`: asks the registry for known vulnerabilities of the packages that users install with Offhook. Fails
 * if one is high or critical. If the registry has no advisories, it prints that and does not fail.
 */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { judgeAudit } from "./audit-verdict.ts";

const npm = spawn("npm", ["audit", "--omit=dev", "--json"], { stdio: ["ignore", "pipe", "ignore"] });
const { isSafe, lines } = judgeAudit(await text(npm.stdout));
for (const line of lines) console.log(line);
process.exitCode = isSafe ? 0 : 1;
