import { peerFile } from "../peer-packages.ts";
import type { Target } from "./target.ts";

const base = {
  isPeer: true,
  packageName: "twilio-run",
  remark: "twilio-run names Node 20 and 22 as those that it supports; it runs on this one all the same.",
  notes: { protected: "does not check signatures" },
} as const;

function commandOf(...more: string[]): Target["command"] {
  return ({ port, project }) => ({
    program: process.execPath,
    args: [peerFile("twilio-run/bin/twilio-run.js"), "start", "--cwd", project, "--port", String(port), ...more],
    environment: { CI: "1", NO_COLOR: "1" },
  });
}

/** Twilio's development server with its defaults: a new process for each request. */
export const twilioRun: Target = {
  ...base,
  name: "twilio-run",
  title: "twilio-run",
  command: commandOf(),
  refusals: { wait: "200 requests at once would be 200 new processes of 100 MB" },
  // A single reply takes a tenth to a third of a second. 50 at once share the cores.
  windowPlan: (scenario, connections) => {
    if (scenario === "asset") return "usual";
    if (connections <= 10) return { seconds: 6, rounds: 1 };
    return connections <= 50 && scenario === "hello" ? { seconds: 30, rounds: 1 } : "left out";
  },
};

/** The same with the functions in the server's process. */
export const twilioRunNoFork: Target = {
  ...base,
  name: "twilio-run-no-fork",
  title: "twilio-run --no-fork-process",
  command: commandOf("--no-fork-process"),
  refusals: {},
};
