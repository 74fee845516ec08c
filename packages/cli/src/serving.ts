/**
 * The common part of `start` and `dev`: settings, project, log, server, banner, then a watch until a signal comes.
 */
import { flushCompileCache } from "node:module";
import { performance } from "node:perf_hooks";

import type { DashboardHost } from "@offhook/dashboard";
import type { AuthorTools, InspectOptions, OutlineReader } from "@offhook/runtime";
import type { LogFormat } from "@offhook/runtime/log";
import { notices } from "@offhook/runtime/observe";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { loadProject } from "@offhook/runtime/project";
import type { Project } from "@offhook/runtime/project";
import type { Service } from "@offhook/runtime/service";
import { loadSettings, suspectVariables } from "@offhook/runtime/settings";
import type { Settings } from "@offhook/runtime/settings";

import type { BannerContent } from "./banner.ts";
import type { Palette } from "./screen/palette.ts";
import { screenOf } from "./screen/screen.ts";
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

/** The functions that start the server and the log, and the source of signals. Tests pass their own. */
export interface ServingParts {
  readonly startServer: (options: {
    project: Project;
    settings: Settings;
    isDevelopment: boolean;
    outlines?: OutlineReader | undefined;
    tools?: AuthorTools | undefined;
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

/** The differences between `start` and `dev`. */
export interface Mode {
  /** Defaults that replace those of the settings. */
  readonly defaults: Partial<Settings>;
  readonly isDevelopment: boolean;
  /** When the start began, if that was not the start of the process: the author was asked something first. */
  readonly startedAt?: number;
  /** Set if debuggers may connect. */
  readonly inspect?: InspectOptions | undefined;
  readonly textBanner: (content: BannerContent) => string;
  readonly jsonBanner: (content: BannerContent) => string;
  /** Opens the log's form for a person at a terminal. It replaces the text form. */
  readonly openTerminal?: (project: Project, settings: Settings, context: CommandContext) => ModeTerminal;
  /** More warnings for the banner, most important first. */
  readonly warnings?: (environment: CommandContext["environment"], server: ServedProject) => readonly string[];
  /** Opens the dashboard, where the author watches requests and sends their own. */
  readonly openDashboard?: (project: Project, settings: Settings) => Promise<DashboardHost | undefined>;
  /** Programs that the pages in the author's browser can open. */
  readonly authorTools?: (dashboard: DashboardHost) => AuthorTools;
  /** Reads the author's sources for hints. It costs nothing until something fails. */
  readonly openOutlines?: () => Promise<Outlines>;
  /** Follows the files outside the project that functions load. It starts before the server does. */
  readonly followLoadedFiles?: (project: Project) => FollowedFiles;
  /** Called when the server is up. @returns a function that ends the watch. */
  readonly watch: (server: ServedProject, project: Project, settings: Settings, watch: Watch) => EndWatch;
}

interface Outlines extends OutlineReader {
  close(): void;
}

/** Files outside the project's folder that its functions load. */
export interface FollowedFiles {
  add(files: readonly string[]): void;
  /** Calls the listener with each file, including those that were loaded before this call. */
  follow(listener: (file: string) => void): void;
  stop(): void;
}

export interface ModeTerminal {
  readonly logFormat: LogFormat;
  readonly logLevel: () => Settings["logLevel"];
  /** For the banner. Undefined if no key can be pressed. */
  readonly keys: BannerContent["keys"];
  /** The rows that a list in the log may have. Undefined if there is no limit. */
  readonly listRows: number | undefined;
  start(actions: TerminalActions): void;
  stop(): void;
}

export interface TerminalActions {
  readonly restart: () => void;
  /** All functions and assets with their URLs. */
  readonly list: (palette: Palette) => string;
  /** Absent where there is no dashboard. */
  readonly open?: () => void;
  readonly replay?: () => void;
}

interface Watch {
  /** Reads the settings again from the same flags, and from the variables and files as they are now. */
  readonly readSettings: () => Promise<Settings>;
  readonly environment: CommandContext["environment"];
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
    throw new OffhookError("setting-invalid", "--tunnel only works with offhook dev. With start, set --public-url.");
  }
  const { stdout, environment } = context;
  // The server's code loads while the project is read. If reading the project fails too, report that error.
  partsComing.catch(() => undefined);
  const readSettings = (): Promise<Settings> => loadSettings(folder, { flags, environment, defaults: mode.defaults });
  const settings = await readSettings();
  const project = await loadProject(folder, settings);
  const { startServer, startLog, signals } = await partsComing;

  const { log: format, logLevel: level, accessLog } = settings;
  // Started after the project was read: its warnings are in the banner, so they need not be logged too.
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
    const tools = dashboard && mode.authorTools?.(dashboard);
    const server = await startServer({ project, settings, isDevelopment, outlines, tools, inspect });
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
        startedInMs: performance.now() - (mode.startedAt ?? 0),
        publicUrl: settings.publicUrl,
        keys: terminal?.keys,
        screen: screenOf(stdout, environment),
      }),
    );
    // Node saves its compile cache on exit. A server that is killed never gets there.
    flushCompileCache();
    const endWatch = mode.watch(server, project, settings, {
      readSettings,
      environment,
      terminal,
      dashboard,
      loadedFiles,
    });
    try {
      return await stopOnSignal(server, signals, (signal) => {
        // A person who pressed Ctrl+C knows why the server stops. For other signals, name the signal.
        const why = signal === "SIGINT" ? "Stopping" : `${signal}: stopping`;
        const message = `${why} after the running invocations end. Repeat to stop at once.`;
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

/** Opens the parts that only `dev` has. */
async function openForAuthor(
  { openDashboard, openOutlines }: Mode,
  project: Project,
  settings: Settings,
): Promise<[DashboardHost | undefined, Outlines | undefined]> {
  return await Promise.all([openDashboard?.(project, settings), openOutlines?.()]);
}

/** @returns a link that opens the dashboard. @throws OffhookError after it has killed the server. */
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
