/** Examines the machine: Node, clock, disk, port, and the environment in which Offhook was started. */
import { readFileSync } from "node:fs";
import { access, constants, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

import { suspectVariables } from "@offhook/runtime/settings";
import semver from "semver";

import { excerpt } from "@offhook/runtime/internal/printable";
import { listed, ok, problem, warning } from "./result.ts";
import type { Examination } from "./examination.ts";
import type { Result } from "./result.ts";
import { holderOf } from "./port-holder.ts";

const minDescriptors = 1024;
const minFreeBytes = 100 * 2 ** 20;
const dayMs = 86_400_000;
/** Tokens expire after minutes, so a larger error matters. */
const maxClockErrorMs = 30_000;

/** Variables that reach Offhook but not functions: the environment of an isolate is built from scratch. */
const hostOnly = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "NODE_EXTRA_CA_CERTS",
  "NODE_TLS_REJECT_UNAUTHORIZED",
];

export const machineExaminations: readonly Examination[] = [
  {
    id: "node",
    looksAt: "the Node that runs Offhook, and whether it matches `engines` in `package.json`",
    examine({ manifest }) {
      const { node } = process.versions;
      const wanted = manifest?.enginesNode;
      if (wanted === undefined) return [ok(`Node ${node} runs Offhook`)];
      const shown = excerpt(wanted, 40);
      if (semver.validRange(wanted) === null) {
        return [
          warning(
            `Invalid value for engines.node: "${shown}". Expected a version range`,
            'In package.json: "engines": { "node": ">=22" }',
          ),
        ];
      }
      if (semver.satisfies(node, wanted)) return [ok(`Node ${node} runs Offhook; package.json requires ${shown}`)];
      const next = "Install a matching Node and choose it with --node, or widen engines in package.json.";
      return [warning(`Node ${node} does not match engines in package.json: ${shown}`, next)];
    },
  },
  {
    id: "port",
    looksAt: "whether the port is free, and which process uses it",
    async examine({ settings: { port, host } }) {
      if (port === 0) return [ok("Any free port is used")];
      const code = await listenCode(port, host);
      if (code === undefined) return [ok(`Port ${port} is free`)];
      if (code === "EADDRINUSE") {
        const holder = holderOf(port);
        const by = holder === undefined ? "" : ` by ${excerpt(holder.name, 30)} (process ${holder.pid})`;
        return [
          warning(
            `Port ${port} is in use${by}`,
            `Stop that process, or choose another port: --port ${port === 65_535 ? 3001 : port + 1}`,
          ),
        ];
      }
      return [
        problem(
          `Cannot listen on port ${port} of ${host} (${code})`,
          "Choose another port with --port, or another address with --host.",
        ),
      ];
    },
  },
  {
    id: "clock",
    looksAt: "the clock: whether local files are newer, the time zone, and with `--online` the time at Twilio",
    async examine({ folder, environment, askTime }) {
      const results: Result[] = [];
      const ownPath = fileURLToPath(import.meta.url);
      const times = await Promise.all([folder, ownPath].map(async (path) => (await stat(path)).mtimeMs));
      const now = Date.now();
      if (Math.max(...times) > now + dayMs) {
        results.push(
          problem(
            `The clock says ${new Date(now).toISOString()}, but some files here are newer`,
            "Set the clock: timedatectl set-ntp true",
          ),
        );
      }
      const { TZ } = environment;
      if (TZ !== undefined && TZ !== "" && !isTimeZone(TZ)) {
        results.push(
          warning(
            `TZ is "${excerpt(TZ, 30)}", which is not a time zone`,
            "export TZ=UTC, or a name such as Europe/Berlin. Functions always use UTC.",
          ),
        );
      }
      if (askTime !== undefined) results.push(await compare(askTime));
      return results.length > 0 ? results : [ok(`The system clock looks right: ${new Date(now).toISOString()}`)];
    },
  },
  {
    id: "disk",
    looksAt: "whether the folder for temporary files is writable and has space",
    async examine() {
      const folder = tmpdir();
      try {
        await access(folder, constants.W_OK);
      } catch {
        return [problem(`${excerpt(folder)} is not writable`, "Choose a writable folder: export TMPDIR=/some/folder")];
      }
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      const shown = `${excerpt(folder)} has ${Math.floor(free / 2 ** 20)} MB free`;
      return [
        free < minFreeBytes
          ? warning(shown, "Free some space, or choose another folder: export TMPDIR=/some/folder")
          : ok(shown),
      ];
    },
  },
  {
    id: "descriptors",
    looksAt: "how many files a process may open (`ulimit -n`)",
    examine() {
      const limit = openFilesLimit();
      if (limit === undefined) return [];
      const shown = `A process may open ${limit} files`;
      return [
        limit < minDescriptors ? warning(shown, "Run ulimit -n 4096 in the shell that starts Offhook.") : ok(shown),
      ];
    },
  },
  {
    id: "environment",
    looksAt:
      "`NODE_OPTIONS`, proxies and similar variables, which isolates do not get, and `OFFHOOK_…` variables that are not settings",
    examine({ environment }) {
      const names = hostOnly.filter((name) => environment[name] || environment[name.toLowerCase()]);
      const results = suspectVariables(environment).map((message) =>
        warning(excerpt(message, 200), "Rename it, or unset it."),
      );
      if (names.length > 0) {
        const message = `Functions do not get these environment variables: ${names.join(", ")}`;
        results.push(warning(message, "If functions need them, set them in .env too."));
      }
      const options = (environment["NODE_OPTIONS"] ?? "").replace(/(?:--conditions[= ]|-C )\S+/g, "").trim();
      if (options !== "") {
        const flags = options.match(/(?<=^|\s)--?[a-z-]+/g) ?? [];
        const message = `NODE_OPTIONS only affects Offhook, not isolates: ${listed(flags)}`;
        results.push(warning(message, "unset NODE_OPTIONS, unless it is for Offhook itself"));
      }
      return results.length > 0 ? results : [ok("No problems in the environment")];
    },
  },
];

/** The error's code. Undefined if a server can listen there. */
async function listenCode(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "unknown"));
  server.listen({ port, host, exclusive: true }, () => resolve(undefined));
  const code = await promise;
  if (code === undefined) await new Promise((done) => server.close(done));
  return code;
}

function isTimeZone(name: string): boolean {
  try {
    // A colon in front makes the C library read the rest as a file name.
    return new Intl.DateTimeFormat("en", { timeZone: name.replace(/^:/, "") }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

async function compare(askTime: () => Promise<Date>): Promise<Result> {
  try {
    const offMs = (await askTime()).getTime() - Date.now();
    const seconds = Math.round(Math.abs(offMs) / 1000);
    if (Math.abs(offMs) <= maxClockErrorMs) return ok("The clock matches Twilio's");
    const way = offMs > 0 ? "behind" : "ahead";
    return problem(
      `The clock is ${seconds} s ${way} of Twilio's, so access tokens are rejected`,
      "Set the clock: timedatectl set-ntp true",
    );
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
    return warning(
      `Could not get the time from Twilio (${excerpt(cause?.code ?? message, 60)})`,
      "Check the network, or leave --online out.",
    );
  }
}

function openFilesLimit(): number | undefined {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
