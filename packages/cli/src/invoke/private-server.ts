/**
 * A server for one request: the same gateway, pool and isolate as with `start`, on a socket in a folder that only this
 * user can enter. The invocation therefore behaves as it does there, and no other caller can reach the server.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { request as openRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startServer } from "@offhook/runtime";
import { concurrencyHeader } from "@offhook/runtime/internal/reply-headers";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { isolateEnded } from "@offhook/runtime/observe";
import type { Project } from "@offhook/runtime/project";
import type { Settings } from "@offhook/runtime/settings";

export interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether an isolate sent the reply. If not, the gateway did. */
  readonly isOfIsolate: boolean;
}

export interface PrivateServer {
  /** @param target path and query. */
  call(request: {
    method: string;
    target: string;
    headers: Readonly<Record<string, string>>;
    body: Buffer;
  }): Promise<Reply>;
  /** Resolves when the isolate has settled and ended. Its leftovers are known then. */
  settle(): Promise<void>;
  /** Ends everything at once. A second call waits for the first. */
  end(): Promise<void>;
}

/** Some systems limit a socket's path to 104 bytes, with the zero byte at the end. */
const socketPathLimit = 100;

/** The pool decides within little more than a second whether an isolate has settled. */
const settleMs = 5_000;

/** @throws OffhookError of `startServer`, `file-unwritable`. */
export async function startPrivateServer(project: Project, settings: Settings): Promise<PrivateServer> {
  const [folder, { OutlineThread }] = await Promise.all([makeFolder(), import("@offhook/check/outline-thread")]);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const socket = join(folder, "s");
  const { promise: gone, resolve: onGone } = Promise.withResolvers<void>();
  const outlines = new OutlineThread();
  const unsubscribe = isolateEnded.subscribe(() => onGone());
  try {
    // One call needs one isolate, which starts on demand.
    const settingsOfOne = { ...settings, spares: 0 };
    const server = await startServer({ project, settings: settingsOfOne, socket, hasHints: true, outlines });
    let ending: Promise<void> | undefined;
    const end = async (): Promise<void> => {
      unsubscribe();
      outlines.close();
      await server.kill();
      await remove();
    };
    return {
      call: (request) => call(socket, request),
      async settle() {
        const timer = setTimeout(onGone, settleMs);
        // An outdated isolate ends when it has settled, and then reports its leftovers.
        server.update(project.service);
        await gone;
        clearTimeout(timer);
      },
      end: () => (ending ??= end()),
    };
  } catch (error) {
    unsubscribe();
    await remove();
    throw error;
  }
}

/** `mkdtemp` makes a folder that only this user can enter. */
async function makeFolder(): Promise<string> {
  const name = "offhook-invoke-";
  const defaultPath = join(tmpdir(), name);
  const isShort = Buffer.byteLength(`${defaultPath}XXXXXX/s`) <= socketPathLimit;
  const start = isShort ? defaultPath : join("/tmp", name);
  try {
    return await mkdtemp(start);
  } catch (error) {
    throw new OffhookError("file-unwritable", `${start}… (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
}

function call(
  socketPath: string,
  { method, target, headers, body }: Parameters<PrivateServer["call"]>[0],
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = method === "POST" ? { "content-length": String(body.length) } : {};
    const options = { socketPath, method, path: target, headers: { ...headers, ...length }, agent: false };
    const request = openRequest({ ...options, maxHeaderSize: 2 ** 20 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0, statusMessage = "" } = response;
        resolve({
          status: statusCode,
          statusText: statusMessage,
          headers: response.headers,
          body: Buffer.concat(chunks),
          isOfIsolate: response.headers[concurrencyHeader] !== undefined,
        });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
