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
import { fullList } from "./function-list.ts";
import { LoadedFiles } from "./loaded-files.ts";
import { outsideFilesOf, watchProject } from "./project-watch.ts";
import { Reload } from "./reload.ts";
import { ReplyWatch } from "./reply-watch.ts";
import { AuthorTerminal } from "./terminal/author-terminal.ts";
import { BackgroundTypes } from "./type-check/background-types.ts";
import type { Tunnel } from "./tunnel/tunnel.ts";

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
  watch(server, project, settings, { readSettings, environment, terminal, dashboard, loadedFiles }) {
    const replies = new ReplyWatch(project.service);
    const update = (service: Service): void => {
      replies.setService(service);
      loadedFiles?.add(outsideFilesOf(service));
      server.update(service);
      dashboard?.setService(service);
    };
    const reload = new Reload({ update, hold: () => server.hold() }, project, settings, readSettings);
    loadedFiles?.add(outsideFilesOf(project.service));
    const types = settings.typeCheck ? new BackgroundTypes(() => reload.service, environment) : undefined;
    const endWatch = watchProject(
      project,
      (file) => {
        reload.onChange(file);
        types?.request();
      },
      loadedFiles,
    );
    let origin = settings.publicUrl ?? server.url;
    const reportPublicUrl = (address: string): void => {
      origin = address;
      void reportUrls(address, reload.service, terminal?.listRows);
    };
    // In text, the banner has listed the URLs.
    if (settings.publicUrl !== undefined && terminal === undefined) reportPublicUrl(settings.publicUrl);
    const tunnel = settings.tunnel && startTunnel(server, settings.tunnel, settings, dashboard, reportPublicUrl);
    terminal?.start({
      list: (palette) => fullList(reload.service, origin, palette),
      restart() {
        reload.restart();
        void tunnel?.then((started) => started.start());
      },
      ...(dashboard && { open: () => void openDashboard(dashboard), replay: () => void replayLast(dashboard) }),
    });
    return async () => {
      replies.stop();
      endWatch();
      reload.stop();
      await types?.stop();
      await (await tunnel)?.stop();
    };
  },
};

/** Loaded only if there is a public URL. */
async function reportUrls(address: string, service: Service, maxRows: number | undefined): Promise<void> {
  const { publicUrls } = await import("./tunnel/public-urls.ts");
  notices.publish({ level: "info", message: publicUrls(address, service, maxRows) });
}

async function startTunnel(
  server: ServedProject,
  command: NonNullable<Settings["tunnel"]>,
  { publicUrl, host }: Settings,
  dashboard: DashboardHost | undefined,
  reportPublicUrl: (address: string) => void,
): Promise<Tunnel> {
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
  return tunnel;
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
