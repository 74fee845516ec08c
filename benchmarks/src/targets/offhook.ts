import { fileURLToPath } from "node:url";
import type { Target } from "./target.ts";

const command = fileURLToPath(new URL("../../../packages/cli/bin/offhook.js", import.meta.url));

/** The command of this checkout, with its default settings. */
export const offhook: Target = {
  name: "offhook",
  title: "Offhook",
  isPeer: false,
  command: ({ port, project, flags }) => ({
    program: process.execPath,
    args: [command, "start", project, "--port", String(port), ...flags],
    environment: {},
  }),
  refusals: {},
  notes: {},
};
