/**
 * The port of the dashboard. It is not the port of the functions: pages and scripts that functions return share an
 * origin with everything on their port.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { OffhookError } from "@offhook/runtime/offhook-error";

/**
 * A literal address, because `localhost` may mean ::1 to a browser, and another user could listen there on the same
 * port.
 */
const loopback = "127.0.0.1";
const maxAttempts = 50;
const maxConnections = 200;

/**
 * @param port the port to use, 0 for any. Undefined for the next free port after `functionsPort`.
 * @throws OffhookError `port-in-use` for a port that was asked for, `address-unavailable`.
 */
export async function listen(port: number | undefined, functionsPort: number): Promise<Server> {
  if (port !== undefined) return await listenOn(port);
  for (let next = functionsPort + 1; next <= Math.min(65_535, functionsPort + maxAttempts); next++) {
    try {
      return await listenOn(next);
    } catch (error) {
      // Some ports are taken, and the system reserves others.
      const { code } = (error as OffhookError).cause as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    }
  }
  return await listenOn(0);
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
  server.maxConnections = maxConnections;
  try {
    await once(server.listen({ host: loopback, port, exclusive: true }), "listening");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === "EADDRINUSE" ? "port-in-use" : "address-unavailable";
    throw new OffhookError(code, `${loopback}:${port}`, { cause });
  }
  // From here on, errors are failures to accept a connection. They pass.
  server.on("error", () => undefined);
  return server;
}

/** `http://127.0.0.1:3001`. */
export function originOf(server: Server): string {
  return new URL(`http://${loopback}:${(server.address() as AddressInfo).port}`).origin;
}
