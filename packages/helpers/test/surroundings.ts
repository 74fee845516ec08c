/**
 * The environment of a function in these tests: variables, the console, and real connection errors.
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { after, before, type TestContext } from "node:test";
import { installGlobals } from "@offhook/helpers/testing";

const retryVariables = [
  "TWILIO_SERVICE_RETRY_LIMIT",
  "TWILIO_SERVICE_MIN_BACKOFF",
  "TWILIO_SERVICE_MAX_BACKOFF",
  "ENABLE_LOCAL_LOGGING",
  "TWILIO_REGION",
] as const;

type RetryVariables = Partial<Record<(typeof retryVariables)[number], string>>;

/** Sets exactly these variables for the duration of the test. */
export function setVariables(t: TestContext, variables: RetryVariables = {}): void {
  const known = { ...process.env };
  t.after(() => {
    for (const name of retryVariables) assign(name, known[name]);
  });
  for (const name of retryVariables) assign(name, variables[name]);
}

function assign(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

type Level = "info" | "warn" | "error";

/** Silences the console. @returns its lines, as `level: text`. */
export function listenToConsole(t: TestContext): string[] {
  const lines: string[] = [];
  for (const level of ["info", "warn", "error"] satisfies Level[]) {
    t.mock.method(console, level, (...words: unknown[]) => void lines.push(`${level}: ${words.join(" ")}`));
  }
  return lines;
}

/** A server on loopback that does not speak HTTP on its connections. @returns its URL. */
export async function serveSockets(t: TestContext, onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return await listen(server);
}

/** @returns its URL. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A URL on which nothing listens. */
export async function freeUrl(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

/** Installs the platform's globals for all tests of the calling file. */
export function installGlobalsForAll(): void {
  let uninstall: (() => void) | undefined;
  before(() => {
    uninstall = installGlobals();
  });
  after(() => uninstall?.());
}
