/**
 * Starts the real server and logs in to it. A pass-through before its API judges every reply by Twilio's description,
 * and remembers the credentials that arrive.
 */
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { removeTree } from "../../packages/serve/src/artefacts/remove-tree.ts";
import { judge } from "../../packages/serve/test/openapi.ts";
import { isolateUser } from "../../packages/serve/test/server-users.ts";

export const accountSid = `AC${"b".repeat(32)}`;
export const authToken = "0123456789abcdef0123456789abcdef";

const clients = fileURLToPath(new URL("..", import.meta.url));
const offhook = fileURLToPath(new URL("../../packages/cli/bin/offhook.js", import.meta.url));

export interface Run {
  readonly code: number | null;
  /** Both outputs. */
  readonly output: string;
}

export interface Hosting {
  /** The folder of the project, a copy. */
  readonly project: string;
  /** Replies that do not fit Twilio's description. */
  readonly problems: readonly string[];
  /** The `authorization` headers that reached the API. */
  readonly credentials: ReadonlySet<string>;
  /** The header of the key. */
  readonly ownCredentials: string;
  /** `METHOD /path` of each request, without SIDs. */
  readonly requests: readonly string[];
  /** Runs a program through `offhook with`, in the project. */
  run(program: string, ...args: string[]): Promise<Run>;
  start(program: string, ...args: string[]): { readonly output: () => string; stop(): void };
  call(domain: string, path: string): Promise<{ readonly status: number; readonly text: string }>;
}

export async function startHosting(t: TestContext): Promise<Hosting> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-clients-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "token"), authToken);
  const server = await startServer(t, folder);
  const { firstStart } = server;
  const pair = `${firstStart.key}:${firstStart.secret}`;
  const problems: string[] = [];
  const credentials = new Set<string>();
  const requests: string[] = [];
  const url = await passThrough(t, server.apiUrl, { problems, credentials, requests });
  const environment = {
    PATH: `${join(clients, "node_modules/.bin")}:${process.env["PATH"]}`,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, "config"),
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
  };
  const project = join(folder, "project");
  await cp(join(clients, "flex-project"), project, { recursive: true });
  await writeFile(join(project, ".env"), `ACCOUNT_SID=${accountSid}\nAUTH_TOKEN=${authToken}\nGREETING=Good morning\n`);
  const start = (args: readonly string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, [offhook, ...args], { cwd: project, env: environment, stdio: ["pipe", "pipe", "pipe"] });
  const login = start(["login", url]);
  login.stdin?.end(`${pair}\n`);
  const { code, output } = await resultOf(login);
  if (code !== 0) throw new Error(output);
  const { port } = server.functions;
  return {
    project,
    problems,
    credentials,
    requests,
    ownCredentials: `Basic ${Buffer.from(pair).toString("base64")}`,
    run: (program, ...args) => resultOf(start(["with", "--", program, ...args])),
    start(program, ...args) {
      const child = start(["with", "--", program, ...args]);
      let printed = "";
      for (const stream of [child.stdout, child.stderr])
        stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      t.after(() => child.kill("SIGTERM"));
      return { output: () => printed, stop: () => void child.kill("SIGTERM") };
    },
    call: (domain, path) => call(port, domain, path),
  };
}

interface Started {
  readonly apiUrl: string;
  readonly functions: { readonly port: number };
  readonly firstStart: { readonly key: string; readonly secret: string };
}

async function startServer(t: TestContext, folder: string): Promise<Started> {
  // A folder of its own, which the server's user can reach.
  const data = await mkdtemp(join(tmpdir(), "offhook-data-"));
  t.after(() => removeTree(data));
  const options = [
    "--isolate-user",
    isolateUser,
    "--account-sid",
    accountSid,
    "--auth-token-file",
    join(folder, "token"),
  ];
  const args = [offhook, "serve", "--data", data, "--port", "0", "--api-port", "0", "--json", ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const started = JSON.parse(line) as Started & { readonly event: string };
    child.stdout.resume();
    if (started.event === "started") return started;
  }
  throw new Error("The server has ended.");
}

interface Seen {
  readonly problems: string[];
  readonly credentials: Set<string>;
  readonly requests: string[];
}

/** @returns its URL. */
async function passThrough(t: TestContext, apiUrl: string, { problems, credentials, requests }: Seen): Promise<string> {
  const { port } = new URL(apiUrl);
  const server = createServer((incoming, outgoing) => {
    const { method = "GET", url: path = "/", headers } = incoming;
    credentials.add(headers.authorization ?? "none");
    requests.push(`${method} ${path.split("?")[0]?.replaceAll(/[A-Z]{2}[0-9a-f]{32}/g, (sid) => sid.slice(0, 2))}`);
    const onward = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      void text(response).then((body) => {
        try {
          judge(method, path.split("?")[0] ?? "", response.statusCode ?? 0, body === "" ? undefined : JSON.parse(body));
        } catch (error) {
          problems.push((error as Error).message);
        }
        outgoing.writeHead(response.statusCode ?? 500, response.headers).end(body);
      });
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

async function resultOf(child: ReturnType<typeof spawn>): Promise<Run> {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return await new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

async function call(port: number, domain: string, path: string): Promise<{ status: number; text: string }> {
  return await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers: { host: domain } }, (response) => {
      void text(response).then((body) => resolve({ status: response.statusCode ?? 0, text: body }), reject);
    })
      .on("error", reject)
      .end();
  });
}

/** The file in which twilio-run remembers what it deployed. */
export async function deployInfo(project: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(project, ".twiliodeployinfo"), "utf8")) as Record<string, unknown>;
}
