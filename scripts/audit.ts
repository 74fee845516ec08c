/**
 * `npm run audit`: asks the registry for known weaknesses in what users install with Offhook. Fails on those that are
 * high or critical; a registry that keeps no advisories is told, and no failure.
 */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { judgeAudit } from "./audit-verdict.ts";

const npm = spawn("npm", ["audit", "--omit=dev", "--json"], { stdio: ["ignore", "pipe", "ignore"] });
const { isSafe, lines } = judgeAudit(await text(npm.stdout));
for (const line of lines) console.log(line);
process.exitCode = isSafe ? 0 : 1;
