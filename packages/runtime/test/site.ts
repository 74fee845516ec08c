/**
 * Serves a project made for one test for real, with processes and sockets. Everything that is opened here closes when
 * the test ends.
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { OutlineThread } from "../../check/src/analysis/outline-thread.ts";
import {
  hintsGiven,
  isolateEnded,
  outputWritten,
  requestEnded,
  type HintsGiven,
  type IsolateEnded,
  type OutputWritten,
  type RequestEnded,
} from "../src/observe/channels.ts";
import { loadProject } from "../src/project/project.ts";
import { resolveSettings, type Settings } from "../src/settings/settings.ts";
import { startServer, type Server } from "../src/server.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly text: string;
  readonly bytes: Buffer;
  json(): unknown;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]> | readonly string[];
  readonly body?: string | Buffer;
  /** Sent as a form body. */
  readonly form?: Record<string, string>;
  /** Sent as a JSON body. */
  readonly json?: unknown;
}

export interface Site {
  readonly server: Server;
  readonly folder: string;
  readonly url: string;
  call(path: string, options?: CallOptions): Promise<Answer>;
  readonly output: OutputWritten[];
  readonly requests: RequestEnded[];
  readonly ended: IsolateEnded[];
  readonly hints: HintsGiven[];
}

/**
 * @param files path in the project → content. A function without `exports` or `import` is the body of a handler with
 * `context`, `event` and `callback`.
 */
export async function serve(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  settings: Partial<Settings> = {},
  isDevelopment = false,
  folderPrefix?: string,
): Promise<Site> {
  return await serveFolder(t, await writeProject(t, files, folderPrefix), settings, isDevelopment);
}

/** Serves a project that already exists. */
export async function serveFolder(
  t: TestContext,
  folder: string,
  settings: Partial<Settings> = {},
  isDevelopment = false,
): Promise<Site> {
  const project = await loadProject(folder);
  const options = { ...resolveSettings(), port: 0, ...settings };
  const [output, requests, ended] = [[], [], []] as [OutputWritten[], RequestEnded[], IsolateEnded[]];
  const hints: HintsGiven[] = [];
  const subscriptions = [
    outputWritten.subscribe((message) => void output.push(message)),
    requestEnded.subscribe((message) => void requests.push(message)),
    isolateEnded.subscribe((message) => void ended.push(message)),
    hintsGiven.subscribe((message) => void hints.push(message)),
  ];
  const outlines = new OutlineThread();
  const server = await startServer({ project, settings: options, isDevelopment, outlines });
  t.after(async () => {
    outlines.close();
    await server.kill();
    for (const unsubscribe of subscriptions) unsubscribe();
  });
  const url = `http://127.0.0.1:${server.address.port}`;
  return { server, folder, url, output, requests, ended, hints, call: (path, request) => call(url, path, request) };
}

export async function writeProject(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  folderPrefix = "offhook-test-",
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  // If the tests run as root, isolates run as another user, and some functions here write to a file.
  await chmod(folder, 0o777);
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    const isBody = /functions\/.*\.js$/.test(name) && !/\b(exports|import)\b/.test(content);
    await writeFile(file, isBody ? `exports.handler = (context, event, callback) => {\n${content}\n};\n` : content);
    await chmod(file, 0o666);
  }
  return folder;
}

/** Uses `node:http`, because `fetch` does not send some requests that the tests need. */
export function call(url: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { form, json } = options;
  const body = form ? new URLSearchParams(form).toString() : json === undefined ? options.body : JSON.stringify(json);
  const method = options.method ?? (body === undefined ? "GET" : "POST");
  const type = form ? "application/x-www-form-urlencoded" : json === undefined ? undefined : "application/json";
  const headers = options.headers ?? {};
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          text: bytes.toString(),
          bytes,
          json: () => JSON.parse(bytes.toString()) as unknown,
        });
      });
    });
    request.on("error", reject);
    if (Array.isArray(headers)) {
      for (let i = 0; i + 1 < headers.length; i += 2) request.appendHeader(String(headers[i]), String(headers[i + 1]));
    } else for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
    if (type !== undefined && !request.hasHeader("content-type")) request.setHeader("content-type", type);
    if (body !== undefined) request.setHeader("content-length", Buffer.byteLength(body));
    request.end(body);
  });
}

/** Waits until the condition holds. @throws after `deadlineMs`, with the name of the condition */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
