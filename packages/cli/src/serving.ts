/**
 * What `start` and `dev` have in common: settings, project, log, server, banner; then a watch, until a signal comes.
 */
import { flushCompileCache } from "node:module";
import { performance } from "node:perf_hooks";

import type { DashboardHost } from "@offhook/dashboard";
import type { InspectOptions, OutlineReader } from "@offhook/runtime";
import type { LogFormat } from "@offhook/runtime/log";
import { notices } from "@offhook/runtime/observe";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { loadProject } from "@offhook/runtime/project";
import type { Project } from "@offhook/runtime/project";
import type { Service } from "@offhook/runtime/service";
import { loadSettings, suspectVariables } from "@offhook/runtime/settings";
import type { Settings } from "@offhook/runtime/settings";

import type { BannerContent } from "./banner.ts";
import { stopOnSignal } from "./shutdown.ts";
import type { SignalSource, Stoppable } from "./shutdown.ts";
import type { CommandContext } from "./command-context.ts";
import { readVersion } from "./version.ts";

/** The server as a command needs it. */
export interface ServedProject extends Stoppable {
  readonly url: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly debugger?: { readonly address: string; readonly devtoolsUrl: string } | undefined;
  updateVariables(variables: Readonly<Record<string, string>>): void;
  update(service: Service): void;
  updatePublicUrl(publicUrl: string | undefined): void;
  hold(): () => void;
}

/** What is started, and who may stop it; tests bring their own. */
export interface ServingParts {
  readonly startServer: (options: {
    project: Project;
    settings: Settings;
    isDevelopment: boolean;
    outlines?: OutlineReader | undefined;
    inspect?: InspectOptions | undefined;
  }) => Promise<ServedProject>;
  readonly startLog: (options: {
    format: "text" | "json" | LogFormat;
    level: Settings["logLevel"] | (() => Settings["logLevel"]);
    accessLog: boolean;
    stream: NodeJS.WritableStream;
  }) => () => void;
  readonly signals: SignalSource;
}

/** What makes a command. */
export interface Mode {
  /** Where nobody says anything else. */
  readonly defaults: Partial<Settings>;
  readonly isDevelopment: boolean;
  /** Debuggers may come. */
  readonly inspect?: InspectOptions | undefined;
  readonly textBanner: (content: BannerContent) => string;
  readonly jsonBanner: (content: BannerContent) => string;
  /** Where a person is to read, instead of the log's text. */
  readonly openTerminal?: (project: Project, settings: Settings, context: CommandContext) => ModeTerminal;
  /** What else to warn of, most important first. */
  readonly warnings?: (environment: CommandContext["environment"], server: ServedProject) => readonly string[];
  /** Where somebody looks at what happens, and sends requests himself. */
  readonly openDashboard?: (project: Project, settings: Settings) => Promise<DashboardHost | undefined>;
  /** Reads the author's sources for hints. It costs nothing until something fails. */
  readonly openOutlines?: () => Promise<Outlines>;
  /** Follows which files outside of the project functions load, from before the server starts. */
  readonly followLoadedFiles?: (project: Project) => FollowedFiles;
  /** Begins when the server is up. @returns what ends it. */
  readonly watch: (server: ServedProject, project: Project, settings: Settings, watch: Watch) => EndWatch;
}

interface Outlines extends OutlineReader {
  close(): void;
}

/** Files outside of the project's folder that its functions load. */
export interface FollowedFiles {
  add(files: readonly string[]): void;
  /** Calls the listener with each file, also with those that were loaded before. */
  follow(listener: (file: string) => void): void;
  stop(): void;
}

export interface ModeTerminal {
  readonly logFormat: LogFormat;
  readonly logLevel: () => Settings["logLevel"];
  /** For the banner. */
  readonly hint: string;
  start(actions: TerminalActions): void;
  stop(): void;
}

export interface TerminalActions {
  readonly restart: () => void;
  /** Absent where there is no dashboard. */
  readonly open?: () => void;
  readonly replay?: () => void;
}

interface Watch {
  /** As at the start, from flags, variables and files as they are now. */
  readonly readSettings: () => Promise<Settings>;
  readonly terminal: ModeTerminal | undefined;
  readonly dashboard: DashboardHost | undefined;
  readonly loadedFiles: FollowedFiles | undefined;
}

type EndWatch = () => void | Promise<void>;

/**
 * @param flags as `parseArgs` gives them.
 * @returns the exit code, after the server has ended.
 * @throws OffhookError of the settings, the project or the address.
 */
export async function serve(
  mode: Mode,
  folder: string,
  flags: Readonly<Record<string, unknown>>,
  context: CommandContext,
  partsComing: Promise<ServingParts> = loadParts(),
): Promise<number> {
  if (!mode.isDevelopment && flags["tunnel"] !== undefined) {
    throw new OffhookError("setting-invalid", "--tunnel is for offhook dev; start takes its address with --public-url");
  }
  const { stdout, environment } = context;
  // The server's code loads while the project is read. Should that fail first, its error is the one to tell.
  partsComing.catch(() => undefined);
  const readSettings = (): Promise<Settings> => loadSettings(folder, { flags, environment, defaults: mode.defaults });
  const settings = await readSettings();
  const project = await loadProject(folder, settings);
  const { startServer, startLog, signals } = await partsComing;

  const { log: format, logLevel: level, accessLog } = settings;
  // After the project was read: its warnings stand in the banner and need not be logged as well.
  const terminal = format === "text" ? mode.openTerminal?.(project, settings, context) : undefined;
  const endLog = startLog({
    format: terminal?.logFormat ?? format,
    level: terminal?.logLevel ?? level,
    accessLog,
    stream: stdout,
  });
  let dashboard: DashboardHost | undefined;
  const loadedFiles = mode.followLoadedFiles?.(project);
  let outlines: Outlines | undefined;
  try {
    [dashboard, outlines] = await openForAuthor(mode, project, settings);
    const { isDevelopment, inspect } = mode;
    const server = await startServer({ project, settings, isDevelopment, outlines, inspect });
    const link = await openPort(dashboard, server, settings.dashboardPort);
    const banner = format === "json" ? mode.jsonBanner : mode.textBanner;
    stdout.write(
      banner({
        version: readVersion(),
        service: project.service,
        url: server.url,
        dashboard: link,
        debugger: server.debugger,
        warnings: listWarnings(mode, environment, server, project),
        startedInMs: performance.now(),
        hint: terminal?.hint,
      }),
    );
    // Node keeps compiled code when it exits, which a server that is killed never does.
    flushCompileCache();
    const endWatch = mode.watch(server, project, settings, { readSettings, terminal, dashboard, loadedFiles });
    try {
      return await stopOnSignal(server, signals, (signal) => {
        // Who has pressed a key knows why.
        const why = signal === "SIGINT" ? "Stopping" : `${signal}: stopping`;
        const message = `${why} when the invocations in flight have ended. Once more stops at once.`;
        notices.publish({ level: "info", message });
        dashboard?.closePages();
      });
    } finally {
      await endWatch();
    }
  } finally {
    loadedFiles?.stop();
    outlines?.close();
    await dashboard?.stop();
    terminal?.stop();
    endLog();
  }
}

/** Most important first. */
function listWarnings(
  mode: Mode,
  environment: CommandContext["environment"],
  server: ServedProject,
  project: Project,
): string[] {
  return [...(mode.warnings?.(environment, server) ?? []), ...project.warnings, ...suspectVariables(environment)];
}

/** What only a mode with an author has. */
async function openForAuthor(
  { openDashboard, openOutlines }: Mode,
  project: Project,
  settings: Settings,
): Promise<[DashboardHost | undefined, Outlines | undefined]> {
  return await Promise.all([openDashboard?.(project, settings), openOutlines?.()]);
}

/** @returns a link that opens the dashboard. @throws OffhookError after it has ended the server. */
async function openPort(
  dashboard: DashboardHost | undefined,
  server: ServedProject,
  port: number | undefined,
): Promise<string | undefined> {
  try {
    await dashboard?.listen(server, port);
    return await dashboard?.link();
  } catch (error) {
    await server.kill();
    throw error;
  }
}

async function loadParts(): Promise<ServingParts> {
  const [{ startServer }, { startLog }] = await Promise.all([
    import("@offhook/runtime"),
    import("@offhook/runtime/log"),
  ]);
  return { startServer, startLog, signals: process };
}
