import { fileURLToPath } from "node:url";
import type { Target } from "./target.ts";

const server = fileURLToPath(new URL("../peers/node-http.js", import.meta.url));

/** What all others are compared with: the least that a server in Node can do. */
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
