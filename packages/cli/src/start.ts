/**
 * `offhook start`: one project folder, served until a signal comes.
 */
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

import { notices } from "@offhook/runtime/observe";
import { loadProject } from "@offhook/runtime/project";
import type { Project } from "@offhook/runtime/project";
import { loadSettings, suspectVariables } from "@offhook/runtime/settings";
import type { Settings } from "@offhook/runtime/settings";

import { jsonBanner, textBanner } from "./banner.ts";
import { stopOnSignal } from "./shutdown.ts";
import type { SignalSource, Stoppable } from "./shutdown.ts";
import type { Surroundings } from "./surroundings.ts";
import { watchVariables } from "./variable-watch.ts";
import { readVersion } from "./version.ts";

/** What is started, and who may stop it; tests bring their own. */
export interface StartParts {
  readonly startServer: (options: { project: Project; settings: Settings }) => Promise<
    Stoppable & {
      readonly url: string;
      updateVariables(variables: Record<string, string>): void;
    }
  >;
  readonly startLog: (options: {
    format: "text" | "json";
    level: Settings["logLevel"];
    accessLog: boolean;
    stream: NodeJS.WritableStream;
  }) => () => void;
  readonly signals: SignalSource;
}

/**
 * @param flags as `parseArgs` gives them.
 * @returns the exit code, after the server has ended.
 * @throws OffhookError of the settings, the project or the address.
 */
export async function start(
  folder: string,
  flags: Readonly<Record<string, unknown>>,
  { stdout, environment }: Surroundings,
  partsComing: Promise<StartParts> = loadParts(),
): Promise<number> {
  // The server's code loads while the project is read. Should that fail first, its error is the one to tell.
  partsComing.catch(() => undefined);
  const settings = await loadSettings(folder, { flags, environment });
  const project = await loadProject(folder, settings);
  const { startServer, startLog, signals } = await partsComing;

  const { log: format, logLevel: level, accessLog } = settings;
  // After the project was read: its warnings stand in the banner and need not be logged as well.
  const endLog = startLog({ format, level, accessLog, stream: stdout });
  try {
    const server = await startServer({ project, settings });
    const banner = format === "json" ? jsonBanner : textBanner;
    stdout.write(
      banner({
        version: readVersion(),
        service: project.service,
        url: server.url,
        warnings: [...project.warnings, ...suspectVariables(environment)],
        startedInMs: performance.now(),
      }),
    );
    // Node keeps compiled code when it exits, which a server that is killed never does.
    flushCompileCache();
    // A `.env` that is not there yet may come.
    const envFile = project.envFile ?? join(project.service.folder, ".env");
    const endWatch = watchVariables(envFile, project.service.variables, (variables) => {
      server.updateVariables({ ...variables });
    });
    try {
      return await stopOnSignal(server, signals, (signal) => {
        const message = `${signal}: stopping when the invocations in flight have ended. Once more stops at once.`;
        notices.publish({ level: "info", message });
      });
    } finally {
      endWatch();
    }
  } finally {
    endLog();
  }
}

async function loadParts(): Promise<StartParts> {
  const [{ startServer }, { startLog }] = await Promise.all([
    import("@offhook/runtime"),
    import("@offhook/runtime/log"),
  ]);
  return { startServer, startLog, signals: process };
}
