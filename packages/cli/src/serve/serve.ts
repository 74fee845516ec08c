/** `offhook serve`: many services, deployed to over the API, until a signal comes. */
import { performance } from "node:perf_hooks";

import { notices } from "@offhook/runtime/observe";
import type { ServeSources, StartGateway } from "@offhook/serve";

import type { CommandContext } from "../command-context.ts";
import { stopOnSignal, type SignalSource } from "../shutdown.ts";
import { readVersion } from "../version.ts";
import { firstStartJson, firstStartText, serveJsonBanner, serveTextBanner } from "./serve-banner.ts";

/** Tests pass their own. */
export interface ServeParts {
  readonly startGateway: StartGateway;
  readonly signals: SignalSource;
}

/** @returns the exit code, after the server has ended. @throws OffhookError before it serves. */
export async function serveServices(
  { options, flags }: Omit<ServeSources, "environment">,
  { stdout, environment }: CommandContext,
  parts?: ServeParts,
): Promise<number> {
  const [serve, { startLog }] = await Promise.all([import("@offhook/serve"), import("@offhook/runtime/log")]);
  const { startGateway, signals } = parts ?? { startGateway: serve.startGateway, signals: process };
  const sources = { options, flags, environment };
  const settings = await serve.resolveServeSettings(sources);
  const { log: format, logLevel: level, accessLog } = settings.server;
  const endLog = startLog({ format, level, accessLog, stream: stdout });
  try {
    const isJson = format === "json";
    const server = await serve.startServing({
      settings,
      account: serve.readAccountOptions(sources),
      environment,
      startGateway,
      onFirstStart(firstStart) {
        stdout.write((isJson ? firstStartJson : firstStartText)(firstStart));
      },
    });
    const banner = isJson ? serveJsonBanner : serveTextBanner;
    const isRoot = process.getuid?.() === 0;
    stdout.write(banner({ version: readVersion(), settings, server, isRoot, startedInMs: performance.now() }));
    return await stopOnSignal(server, signals, (signal) => {
      const why = signal === "SIGINT" ? "Stopping" : `${signal}: stopping`;
      const message = `${why} after the running invocations end. Repeat to stop at once.`;
      notices.publish({ level: "info", message });
    });
  } finally {
    endLog();
  }
}
