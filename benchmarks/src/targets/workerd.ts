import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { peerFile } from "../peer-packages.ts";
import type { Target } from "./target.ts";

const worker = fileURLToPath(new URL("../peers/workerd.js", import.meta.url));
const burn = fileURLToPath(new URL("../peers/burn.js", import.meta.url));

/** Cloudflare's runtime: V8 isolates in one native process. */
export const workerd: Target = {
  name: "workerd",
  title: "workerd",
  isPeer: true,
  packageName: "workerd",
  command: ({ port, project, scratch }) => {
    const file = join(scratch, `workerd-${port}.capnp`);
    writeFileSync(file, configurationOf(port, project));
    return { program: programPath(), args: ["serve", file], environment: {} };
  },
  refusals: {},
  notes: {
    twiml: "puts TwiML together by hand: it cannot load the `twilio` package unbundled",
    sms: "puts TwiML together by hand: it cannot load the `twilio` package unbundled",
    protected: "checks signatures by Web Crypto",
    asset: "held in memory",
  },
};

/** Cap'n Proto's `embed` takes paths with a leading slash as absolute. */
function configurationOf(port: number, project: string): string {
  const authToken = /^AUTH_TOKEN=(.*)$/m.exec(readFileSync(join(project, ".env"), "utf8"))?.[1] ?? "";
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = ${quoted(readFileSync(worker, "utf8"))}),
    (name = "burn.js", esModule = ${quoted(readFileSync(burn, "utf8"))}),
  ],
  bindings = [
    (name = "AUTH_TOKEN", text = ${quoted(authToken)}),
    (name = "TERMS", text = ${quoted(readFileSync(join(project, "assets/terms.txt"), "utf8"))}),
  ],
  compatibilityDate = "2026-01-01",
);
`;
}

/** Cap'n Proto has the string syntax of C. ASCII JSON is a subset of it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The binary is in the platform's npm package. */
function programPath(): string {
  const platform = `${process.platform}-${process.arch === "x64" ? "64" : process.arch}`;
  return peerFile(`@cloudflare/workerd-${platform}/bin/workerd`);
}
