import { fileURLToPath } from "node:url";
import type { Target } from "./target.ts";

const server = fileURLToPath(new URL("../peers/fastify.js", import.meta.url));

export const fastify: Target = {
  name: "fastify",
  title: "Fastify",
  isPeer: true,
  packageName: "fastify",
  command: ({ port, project }) => ({
    program: process.execPath,
    args: [server, String(port), project],
    environment: { NODE_ENV: "production" },
  }),
  refusals: {},
  notes: { asset: "by `@fastify/static`" },
};
