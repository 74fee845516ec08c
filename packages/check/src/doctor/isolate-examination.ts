/** Starts an isolate as the pool does, with a function of ours in it. No code of the project runs. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

import { notices } from "@offhook/runtime/observe";
import type { Project } from "@offhook/runtime/project";
import type { Settings } from "@offhook/runtime/settings";
import semver from "semver";

import { excerpt } from "@offhook/runtime/internal/printable";
import { ok, problem, warning } from "./result.ts";
import type { Examination } from "./examination.ts";
import type { Result } from "./result.ts";
import type { ExaminedProject } from "./examined-project.ts";

const probe = `exports.handler = (context, event, callback) =>
  callback(null, { node: process.versions.node, user: process.getuid?.() ?? null });\n`;

const minNode = ">=22.18.0";
/** Far longer than any start takes. */
const answerMs = 20_000;
const slowMs = 3_000;

interface IsolateReport {
  readonly node: string;
  readonly user: number | null;
  readonly tookMs: number;
  readonly notices: readonly string[];
}

export const isolateExamination: Examination = {
  id: "isolate",
  looksAt: "whether an isolate starts, how long that takes, on which Node and as which user",
  async examine(examined) {
    try {
      return resultsOf(await tryIsolate(examined), examined);
    } catch (error) {
      const next = "Check the settings node, isolateUser and memory, and run npx offhook start to see its log.";
      return [problem(`Could not start an isolate: ${excerpt((error as Error).message, 300)}`, next)];
    }
  },
};

function resultsOf(
  { node, user, tookMs, notices: told }: IsolateReport,
  { manifest, settings }: ExaminedProject,
): Result[] {
  const as = user === null ? "" : user === process.getuid?.() ? ", as the user that runs Offhook" : `, as user ${user}`;
  const started = `An isolate starts and answers in ${Math.round(tookMs)} ms, on Node ${excerpt(node, 20)}${as}`;
  const results: Result[] = [
    tookMs > slowMs
      ? warning(started, "The machine is busy or slow. Check whether it has a free processor.")
      : ok(started),
  ];
  if (!semver.satisfies(node, minNode)) {
    results.push(
      problem(`Isolates need Node ${minNode}, but run on ${excerpt(node, 20)}`, "Choose another Node with --node."),
    );
  }
  const wanted = manifest?.enginesNode;
  // If functions run on the same Node as Offhook, the examination of Node has already reported this.
  const isOther = node !== process.versions.node;
  if (isOther && wanted !== undefined && semver.validRange(wanted) !== null && !semver.satisfies(node, wanted)) {
    results.push(
      warning(
        `Functions run on Node ${excerpt(node, 20)}; package.json requires ${excerpt(wanted, 40)}`,
        "Choose a matching Node with --node.",
      ),
    );
  }
  if (user === 0) {
    const why = told.find((message) => message.startsWith("Isolates run as root")) ?? "Isolates run as root";
    const next =
      settings.isolateUser === "same"
        ? "Set isolateUser to auto."
        : "Fix the reason named here, or run Offhook as another user.";
    results.push(warning(excerpt(why, 200), next));
  }
  return results;
}

async function tryIsolate({ folder, settings, project }: ExaminedProject): Promise<IsolateReport> {
  const { startServer } = await import("@offhook/runtime");
  const scratch = await mkdtemp(join(tmpdir(), "offhook-doctor-"));
  const messages: string[] = [];
  const endNotices = notices.subscribe(({ message }) => void messages.push(message));
  try {
    // Isolates may run as another user, who must be able to read this folder.
    await chmod(scratch, 0o755);
    const file = join(scratch, "probe.js");
    await writeFile(file, probe);
    const before = performance.now();
    const server = await startServer({
      // A hardened isolate can only read its project.
      project: projectOf(project, settings.hardened ? scratch : folder, file),
      settings: trialSettings(settings),
    });
    try {
      const answer = await fetch(`${server.url}/probe`, { signal: AbortSignal.timeout(answerMs) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${text} ${messages.join(" ")}`.trim());
      const { node, user } = JSON.parse(text) as { node: string; user: number | null };
      return { node, user, tookMs: performance.now() - before, notices: messages };
    } finally {
      await server.kill();
    }
  } finally {
    endNotices();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A project with the probe as its only function, and without variables. */
function projectOf(project: Project | undefined, folder: string, file: string): Project {
  const sid = project?.service.sid ?? `ZS${"0".repeat(32)}`;
  return {
    service: {
      sid,
      environmentSid: sid.replace("ZS", "ZE"),
      folder,
      functions: [{ kind: "function", path: "/probe", name: "probe", file, visibility: "public" }],
      assets: [],
      variables: {},
    },
    envFile: undefined,
    envRemarks: [],
    warnings: [],
    remarks: [],
    otherFiles: [],
    packageJson: undefined,
  };
}

/** On a free port of the loopback interface, so the trial does not disturb a running server. */
function trialSettings(settings: Settings): Settings {
  return { ...settings, port: 0, host: "127.0.0.1", spares: 1, timeout: answerMs, healthPath: "/_offhook/health" };
}
