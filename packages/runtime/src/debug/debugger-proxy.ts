/**
 * The address that debuggers know. It stays the same while isolates come and go, and leads to the inspector of the
 * current isolate. If there is none yet, debuggers wait for it.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, isIP, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { pathToFileURL } from "node:url";
import { OffhookError } from "../offhook-error.ts";
import { PauseReader } from "./pause-reader.ts";

export interface DebuggerProxyListener {
  /** @param isPaused whether any connected debugger has stopped the isolate. */
  onPause(isPaused: boolean): void;
  /** A debugger is connected to an isolate. */
  onAttached(): void;
  /** A debugger has disconnected. */
  onLeft(): void;
  /** A debugger has lost its connection, because its isolate has ended. */
  onCut(): void;
}

export class DebuggerProxy {
  /**
   * Debuggers must know this id. A page in a browser can connect to any address, but cannot read the list that has the
   * id.
   */
  readonly #id = randomUUID();
  readonly #server: Server;
  readonly #listener: DebuggerProxyListener;
  readonly #folder: string;
  #inspectorUrl: string | undefined;
  #isClosed = false;
  /** Callbacks of debuggers that wait for an isolate. */
  readonly #waiting = new Set<() => void>();
  readonly #connected = new Set<Duplex>();
  readonly #paused = new Set<Duplex>();

  /** @param folder the project's folder. */
  constructor(folder: string, listener: DebuggerProxyListener) {
    this.#folder = folder;
    this.#listener = listener;
    this.#server = createServer((request, response) => {
      const answer = isLocalName(request.headers.host) ? this.#answerRequest(request) : undefined;
      response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json; charset=UTF-8" });
      response.end(JSON.stringify(answer ?? { message: "Not found" }));
    });
    this.#server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", () => socket.destroy());
      if (isLocalName(request.headers.host) && request.url === `/${this.#id}`) void this.#accept(request, socket, head);
      else socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
  }

  /** @throws OffhookError `debugger-port-in-use`, `address-unavailable` */
  listen(host: string, port: number): Promise<{ host: string; port: number; path: string }> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (cause: NodeJS.ErrnoException) => {
        const code = cause.code === "EADDRINUSE" ? "debugger-port-in-use" : "address-unavailable";
        reject(new OffhookError(code, `${host}:${port}, for debuggers`, { cause }));
      });
      this.#server.listen({ host, port }, () => {
        resolve({ host, port: (this.#server.address() as AddressInfo).port, path: `/${this.#id}` });
      });
    });
  }

  /** Number of debuggers connected to an isolate. */
  get connected(): number {
    return this.#connected.size;
  }

  /** @param inspectorUrl of the current isolate. */
  setTarget(inspectorUrl: string): void {
    this.#inspectorUrl = inspectorUrl;
    for (const go of this.#waiting) go();
  }

  /** The isolate is gone. Closes the connections of its debuggers. */
  disconnectAll(): void {
    this.#inspectorUrl = undefined;
    this.#paused.clear();
    for (const socket of this.#connected) {
      this.#connected.delete(socket);
      socket.destroy();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#server.close();
    this.#server.closeAllConnections();
    this.disconnectAll();
    for (const go of this.#waiting) go();
  }

  #answerRequest({ method, url, headers: { host = "" } }: IncomingMessage): unknown {
    if (method !== "GET") return undefined;
    const path = url?.replace(/\?.*$/, "").replace(/\/$/, "");
    if (path === "/json/version") return { Browser: `node.js/${process.version}`, "Protocol-Version": "1.1" };
    if (path !== "/json" && path !== "/json/list") return undefined;
    const place = `${host}/${this.#id}`;
    return [
      {
        description: "functions served by offhook dev",
        devtoolsFrontendUrl: devtoolsUrl(place),
        devtoolsFrontendUrlCompat: devtoolsUrl(place),
        id: this.#id,
        title: `offhook dev: ${this.#folder}`,
        type: "node",
        url: pathToFileURL(this.#folder).href,
        webSocketDebuggerUrl: `ws://${place}`,
      },
    ];
  }

  async #accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    let refusedBy: string | undefined;
    while (!socket.destroyed) {
      const target = await this.#targetOtherThan(refusedBy, socket);
      if (target === undefined) break;
      const isOver = await this.#forward(request, socket, head, new URL(target));
      if (isOver) return;
      // That isolate was about to end.
      refusedBy = target;
    }
    socket.destroy();
  }

  /** Undefined if the debugger has disconnected meanwhile, or the proxy is closed. */
  async #targetOtherThan(refusedBy: string | undefined, socket: Duplex): Promise<string | undefined> {
    for (;;) {
      if (this.#isClosed || socket.destroyed) return undefined;
      if (this.#inspectorUrl !== undefined && this.#inspectorUrl !== refusedBy) return this.#inspectorUrl;
      await new Promise<void>((resolve) => {
        const go = (): void => {
          this.#waiting.delete(go);
          socket.off("close", go);
          resolve();
        };
        this.#waiting.add(go);
        socket.once("close", go);
      });
    }
  }

  /** Forwards bytes in both directions until one side is gone. @returns false if the isolate sent nothing. */
  #forward(request: IncomingMessage, socket: Duplex, head: Buffer, target: URL): Promise<boolean> {
    return new Promise((resolve) => {
      const inner = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
      let hasAnswered = false;
      const onLeft = (): void => {
        inner.destroy();
        if (this.#connected.delete(socket)) this.#listener.onLeft();
        resolve(true);
      };
      const reader = new PauseReader((sign) => {
        if (sign !== "closing") this.#onPause(socket, sign === "paused");
        else if (this.#connected.delete(socket)) this.#listener.onLeft();
      });
      socket.once("close", onLeft);
      inner.on("connect", () => {
        inner.write(upgradeOf(request, target));
        if (head.length > 0) inner.write(head);
      });
      inner.on("data", (chunk: Buffer) => {
        if (!hasAnswered) {
          hasAnswered = true;
          this.#connected.add(socket);
          socket.pipe(inner);
          inner.pipe(socket);
          socket.write(chunk);
          this.#listener.onAttached();
        }
        reader.push(chunk);
      });
      inner.on("error", () => inner.destroy());
      inner.once("close", () => {
        socket.off("close", onLeft);
        if (this.#connected.delete(socket)) this.#listener.onCut();
        this.#onPause(socket, false);
        // The debugger gets all data before the end of the connection.
        if (hasAnswered) socket.end();
        resolve(hasAnswered || socket.destroyed);
      });
    });
  }

  #onPause(socket: Duplex, isPaused: boolean): void {
    if (isPaused && this.#connected.has(socket)) this.#paused.add(socket);
    else this.#paused.delete(socket);
    this.#listener.onPause(this.#paused.size > 0);
  }
}

export function devtoolsUrl(place: string): string {
  return `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${place}`;
}

/** The debugger's request, with the isolate's own address, and without extensions: frames must not be compressed. */
function upgradeOf({ headers }: IncomingMessage, target: URL): string {
  const kept = ["upgrade", "connection", "sec-websocket-key", "sec-websocket-version"].flatMap((name) => {
    const value = headers[name];
    return typeof value === "string" ? [`${name}: ${value}`] : [];
  });
  return [`GET ${target.pathname} HTTP/1.1`, `host: ${target.host}`, ...kept, "", ""].join("\r\n");
}

/**
 * Other names are rejected, because a page in the author's browser can make its own host name resolve to this machine.
 */
function isLocalName(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1") ?? "";
  return name === "localhost" || isIP(name) !== 0;
}
