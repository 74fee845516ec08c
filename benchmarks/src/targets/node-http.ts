import { fileURLToPath } from "node:url";
import type { Target } from "./target.ts";

const server = fileURLToPath(new URL("../peers/node-http.js", import.meta.url));

/** The baseline for all others: a server in Node that does as little as possible. */
export const nodeHttp: Target = {
  name: "node-http",
  title: "node:http",
  isPeer: false,
  command: ({ port, project }) => ({
    program: process.execPath,
    args: [server, String(port), project],
    environment: { NODE_ENV: "production" },
  }),
  refusals: {},
  notes: { asset: "read into memory once" },
};
