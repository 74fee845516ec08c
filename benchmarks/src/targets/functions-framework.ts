import { fileURLToPath } from "node:url";
import { peerFile } from "../peer-packages.ts";
import type { Target } from "./target.ts";

const source = fileURLToPath(new URL("../peers/functions-framework.js", import.meta.url));

/** Google's runtime for functions. It runs user code in the server's process. */
export const functionsFramework: Target = {
  name: "functions-framework",
  title: "functions-framework",
  isPeer: true,
  packageName: "@google-cloud/functions-framework",
  command: ({ port, project }) => ({
    program: process.execPath,
    args: [
      peerFile("@google-cloud/functions-framework/build/src/main.js"),
      `--source=${source}`,
      "--target=handler",
      `--port=${port}`,
    ],
    environment: { NODE_ENV: "production", PROJECT: project },
  }),
  refusals: {},
  notes: { asset: "by Express' `sendFile`" },
};
