import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { instanceOf, startServer } from "./server-process.ts";
import type { Target } from "./target.ts";

const packages = ["twilio-run@5.0.1", "@twilio/runtime-handler@2.1.0", "twilio@5"];

/**
 * Twilio's local development server, in its default mode (a process per call).
 * `folder` is a folder from which `twilio-run` can be resolved. By default, it is resolved from this package, or
 * installed into the temporary folder.
 */
export async function twilioRunTarget(folder: string | undefined): Promise<Target> {
  const manifest = await findManifest(folder);
  const { version, bin } = createRequire(manifest)(manifest) as { version: string; bin: Record<string, string> };
  const command = resolve(dirname(manifest), bin["twilio-run"] ?? "bin/twilio-run");
  return {
    name: `twilio-run ${version}`,
    canStart: true,
    start: async (project) => {
      await linkPackages(manifest, project);
      const port = await freePort();
      const server = startServer([command, "start", "--cwd", project, "--port", String(port)], project, {});
      const hasStarted = await server.until(() => isListening(port), 30_000);
      if (!hasStarted) {
        await server.stop();
        return { started: false, output: server.output() };
      }
      return { started: true, instance: instanceOf(server, `http://127.0.0.1:${port}`, project) };
    },
  };
}

async function findManifest(folder: string | undefined): Promise<string> {
  if (folder !== undefined) return createRequire(join(resolve(folder), "x.js")).resolve("twilio-run/package.json");
  try {
    return createRequire(import.meta.url).resolve("twilio-run/package.json");
  } catch {
    const home = join(tmpdir(), "functions-conformance-twilio-run");
    process.stderr.write(`twilio-run is not installed here; fetching ${packages.join(", ")} into ${home}\n`);
    await mkdir(home, { recursive: true });
    await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", "--prefix", home, ...packages]);
    return createRequire(join(home, "x.js")).resolve("twilio-run/package.json");
  }
}

/** twilio-run looks for its runtime handler and for `twilio` in the project. */
async function linkPackages(manifest: string, project: string): Promise<void> {
  const modules = dirname(dirname(manifest));
  await mkdir(join(project, "node_modules"), { recursive: true });
  for (const name of ["twilio", "@twilio"]) await symlink(join(modules, name), join(project, "node_modules", name));
}

function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  return new Promise((done) => {
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}
