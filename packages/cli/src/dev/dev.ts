/**
 * `offhook dev`: one project folder, served to its author: what he changes is live, and what fails is told in full.
 */
import { jsonBanner } from "../banner.ts";
import { serve } from "../serving.ts";
import type { Mode, ServingParts } from "../serving.ts";
import type { Surroundings } from "../surroundings.ts";
import { devBanner } from "./dev-banner.ts";
import { watchProject } from "./project-watch.ts";
import { Reload } from "./reload.ts";

const mode: Mode = {
  defaults: { accessLog: true },
  isDevelopment: true,
  textBanner: devBanner,
  jsonBanner,
  watch(server, project, settings) {
    const reload = new Reload(server, project, settings);
    const endWatch = watchProject(project, (file) => reload.onChange(file));
    return () => {
      endWatch();
      reload.stop();
    };
  },
};

/** As `serve`. */
export async function dev(
  folder: string,
  flags: Readonly<Record<string, unknown>>,
  surroundings: Surroundings,
  partsComing?: Promise<ServingParts>,
): Promise<number> {
  return await serve(mode, folder, flags, surroundings, partsComing);
}
