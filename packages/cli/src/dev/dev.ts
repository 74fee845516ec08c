/**
 * `offhook dev`: serves one project folder to its author. Changes are live, and errors are shown in full.
 */
import type { DashboardHost } from "@offhook/dashboard";
import { authorityOf, reachableHost } from "@offhook/runtime/internal/host-address";
import { notices } from "@offhook/runtime/observe";
import type { Service } from "@offhook/runtime/service";
import type { Settings } from "@offhook/runtime/settings";

import { jsonBanner } from "../banner.ts";
import type { Mode, ServedProject } from "../serving.ts";
import { readVersion } from "../version.ts";
import { devBanner } from "./dev-banner.ts";
import { warnOfOwnInspector, warnOfOpenDebugger } from "./debugger-warnings.ts";
import { LoadedFiles } from "./loaded-files.ts";
import { outsideFilesOf, watchProject } from "./project-watch.ts";
import { Reload } from "./reload.ts";
import { AuthorTerminal } from "./terminal/author-terminal.ts";

export const dev: Mode = {
  defaults: { accessLog: true },
  isDevelopment: true,
  textBanner: devBanner,
  jsonBanner,
  openTerminal: (project, settings, context) => new AuthorTerminal(project, settings, context),
  warnings: (environment, server) => [
    ...warnOfOpenDebugger(server.debugger?.address),
    ...warnOfOwnInspector(process.execArgv, environment),
  ],
  async openDashboard({ service, envFile }, { dashboard, publicUrl }) {
    if (!dashboard) return undefined;
    const { DashboardHost } = await import("@offhook/dashboard");
    return DashboardHost.open(service, { publicUrl, envFile, version: readVersion() });
  },
  authorTools: (dashboard) => ({
    dashboardUrl: () => dashboard.origin,
    async openDashboard(hash) {
      const link = await dashboard.link();
      try {
        await (await import("./browser.ts")).openBrowser(`${link}${hash}`);
      } catch {
        throw new Error("No browser could be started. Press o in the terminal of offhook dev to get a link.");
      }
    },
    openFile: (file, line) => dashboard.openFile({ file, line }),
  }),
  async openOutlines() {
    const { OutlineThread } = await import("@offhook/check/outline-thread");
    return new OutlineThread();
  },
  followLoadedFiles: ({ service }) => new LoadedFiles(service.folder),
  watch(server, project, settings, { readSettings, terminal, dashboard, loadedFiles }) {
    const update = (service: Service): void => {
      loadedFiles?.add(outsideFilesOf(service));
      server.update(service);
      dashboard?.setService(service);
    };
    const reload = new Reload({ update, hold: () => server.hold() }, project, settings, readSettings);
    loadedFiles?.add(outsideFilesOf(project.service));
    const endWatch = watchProject(project, (file) => reload.onChange(file), loadedFiles);
    const reachable = hasPublicUrl(settings)
      ? makeReachable(server, () => reload.service, settings, dashboard)
      : undefined;
    terminal?.start({
      restart() {
        reload.restart();
        void reachable?.then((publicly) => publicly.restart());
      },
      ...(dashboard && { open: () => void openDashboard(dashboard), replay: () => void replayLast(dashboard) }),
    });
    return async () => {
      endWatch();
      reload.stop();
      await (await reachable)?.stop();
    };
  },
};

function hasPublicUrl({ publicUrl, tunnel }: Settings): boolean {
  return publicUrl !== undefined || tunnel !== undefined;
}

/** Loaded only if a public URL or a tunnel is set. */
async function makeReachable(
  server: ServedProject,
  serviceNow: () => Service,
  { publicUrl, tunnel: command, host }: Settings,
  dashboard: DashboardHost | undefined,
): Promise<{ restart(): void; stop(): Promise<void> }> {
  const { publicUrls } = await import("./tunnel/public-urls.ts");
  const reportPublicUrl = (address: string): void => {
    notices.publish({ level: "info", message: publicUrls(address, serviceNow()) });
  };
  if (publicUrl !== undefined) reportPublicUrl(publicUrl);
  if (command === undefined) return { restart: () => undefined, stop: async () => undefined };
  const { Tunnel } = await import("./tunnel/tunnel.ts");
  const tunnel = new Tunnel({
    command,
    url: localUrl(server.url, host),
    isSearched: publicUrl === undefined,
    onAddress(address) {
      server.updatePublicUrl(address);
      dashboard?.setPublicUrl(address);
      reportPublicUrl(address);
    },
  });
  tunnel.start();
  return { restart: () => tunnel.start(), stop: () => tunnel.stop() };
}

/** An address instead of `localhost`, which a tunnel may resolve differently. */
function localUrl(url: string, host: string): string {
  const { port } = new URL(url);
  const address = host === "localhost" ? "127.0.0.1" : reachableHost(host);
  return `http://${authorityOf(address, port || "80")}`;
}

async function openDashboard(dashboard: DashboardHost): Promise<void> {
  const link = await dashboard.link();
  try {
    await (await import("./browser.ts")).openBrowser(link);
    notices.publish({ level: "info", message: `Dashboard: ${link}` });
  } catch {
    notices.publish({ level: "warn", message: `Could not start a browser. The dashboard is at ${link}` });
  }
}

/** The reply shows up as a line in the log. */
async function replayLast(dashboard: DashboardHost): Promise<void> {
  try {
    if ((await dashboard.replayLast()) !== undefined) return;
    notices.publish({ level: "info", message: "There is no request to replay yet." });
  } catch (error) {
    notices.publish({
      level: "warn",
      message: `Could not replay the request: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
