/**
 * `offhook dev`: one project folder, served to its author: what he changes is live, and what fails is told in full.
 */
import { jsonBanner } from "../banner.ts";
import type { Mode } from "../serving.ts";
import { devBanner } from "./dev-banner.ts";
import { warnOfOwnInspector, warnOfStrangers } from "./debugger-warnings.ts";
import { watchProject } from "./project-watch.ts";
import { Reload } from "./reload.ts";

export const dev: Mode = {
  defaults: { accessLog: true },
  isDevelopment: true,
  textBanner: devBanner,
  jsonBanner,
  warnings: (environment, server) => [
    ...warnOfStrangers(server.debugger?.address),
    ...warnOfOwnInspector(process.execArgv, environment),
  ],
  watch(server, project, settings) {
    const reload = new Reload(server, project, settings);
    const endWatch = watchProject(project, (file) => reload.onChange(file));
    return () => {
      endWatch();
      reload.stop();
    };
  },
};
