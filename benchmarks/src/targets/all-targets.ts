import { fastify } from "./fastify.ts";
import { functionsFramework } from "./functions-framework.ts";
import { nodeHttp } from "./node-http.ts";
import { offhook } from "./offhook.ts";
import { targetNames, type Target, type TargetName } from "./target.ts";
import { twilioRun, twilioRunNoFork } from "./twilio-run.ts";
import { workerd } from "./workerd.ts";

const targets: Readonly<Record<TargetName, Target>> = {
  "node-http": nodeHttp,
  offhook,
  fastify,
  "functions-framework": functionsFramework,
  workerd,
  "twilio-run-no-fork": twilioRunNoFork,
  "twilio-run": twilioRun,
};

/** All, in the order of the report. */
export const allTargets: readonly Target[] = targetNames.map((name) => targets[name]);

export function targetOf(name: TargetName): Target {
  return targets[name];
}
