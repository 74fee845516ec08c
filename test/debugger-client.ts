/**
 * A debugger like those of editors. It speaks Node's inspector protocol over a WebSocket, and reads source maps.
 */
import { SourceMap, type SourceMapPayload } from "node:module";

const deadlineMs = 20_000;

interface Location {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
}

export interface Paused {
  readonly reason: string;
  readonly callFrames: readonly { readonly location: Location }[];
  readonly data?: { readonly scriptId?: string };
}

interface Script {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL: string;
}

interface Target {
  readonly webSocketDebuggerUrl: string;
  readonly devtoolsFrontendUrl: string;
}

export async function targetsAt(address: string): Promise<Target[]> {
  const reply = await fetch(`http://${address}/json/list`, { signal: AbortSignal.timeout(deadlineMs) });
  return (await reply.json()) as Target[];
}

export class DebuggerClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #scripts: Script[] = [];
  readonly #pauses: Paused[] = [];
  readonly #wakers = new Set<() => void>();
  #lastId = 0;
  readonly closed: Promise<void>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#onMessage(String(data)));
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", () => {
        for (const { reject } of this.#answers.values()) reject(new Error("The connection has ended"));
        resolve();
      });
    });
  }

  /** Connects, and gets events about scripts and stops. A program that waits for a debugger keeps waiting. */
  static async attach(address: string): Promise<DebuggerClient> {
    const [target] = await targetsAt(address);
    if (target === undefined) throw new Error(`Nothing can be debugged at ${address}`);
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await within(
      new Promise<void>((resolve, reject) => {
        socket.addEventListener("open", () => resolve());
        socket.addEventListener("error", () => reject(new Error("Could not connect to the debugger's address")));
      }),
      "connecting",
    );
    const client = new DebuggerClient(socket);
    // The first steps of editors.
    await client.send("Runtime.enable");
    await client.send("Debugger.enable");
    await client.send("Debugger.setAsyncCallStackDepth", { maxDepth: 32 });
    await client.send("Debugger.setPauseOnExceptions", { state: "uncaught" });
    await client.send("Profiler.enable");
    return client;
  }

  async send<T>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await within(answer.promise, method)) as T;
  }

  /** Lets a program that waits for a debugger run. */
  async run(): Promise<void> {
    await this.send("Runtime.runIfWaitingForDebugger");
  }

  async resume(): Promise<void> {
    await this.send("Debugger.resume");
  }

  /** The next stop that no earlier call returned. */
  async paused(): Promise<Paused> {
    return await this.#found(() => this.#pauses.shift(), "a stop");
  }

  /** The next event of that name. */
  async event(method: string): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as Record<string, unknown>;
      if (message["method"] === method) resolve(message["params"]);
    });
    return await within(promise, method);
  }

  async script(url: string): Promise<Script> {
    return await this.#found(() => this.#scripts.findLast((script) => script.url === url), url);
  }

  /** Sets a breakpoint in plain JavaScript, also in a file that is not loaded yet. Lines start at 1. */
  async breakAt(url: string, line: number): Promise<void> {
    await this.send("Debugger.setBreakpointByUrl", { url, lineNumber: line - 1 });
  }

  /** Sets a breakpoint in a compiled source, at the place that its source map names for this line. */
  async breakAtSource(url: string, line: number): Promise<void> {
    const { scriptId, sourceMapURL } = await this.script(url);
    const { sourceMap } = mapIn(sourceMapURL);
    for (let lineNumber = 0; lineNumber < 1_000; lineNumber++) {
      for (let columnNumber = 0; columnNumber < 120; columnNumber++) {
        const origin = sourceMap.findEntry(lineNumber, columnNumber);
        const isThere = "originalLine" in origin && origin.originalLine === line - 1;
        if (!isThere || origin.generatedLine !== lineNumber) continue;
        await this.send("Debugger.setBreakpoint", { location: { scriptId, lineNumber, columnNumber } });
        return;
      }
    }
    throw new Error(`Line ${line} of ${url} has no compiled code`);
  }

  /**
   * The line of the source where it stopped: `file:///…/functions/x.ts:3`. Without a source map, the line of the
   * script.
   */
  async placeOf({ callFrames }: Paused): Promise<string> {
    const [frame] = callFrames;
    if (frame === undefined) throw new Error("The stop has no call frame");
    const { location } = frame;
    const cached = this.#scripts.find(({ scriptId }) => scriptId === location.scriptId);
    const { url = "", sourceMapURL = "" } = cached ?? {};
    if (sourceMapURL === "") return `${url}:${location.lineNumber + 1}`;
    const entry = mapIn(sourceMapURL).sourceMap.findEntry(location.lineNumber, location.columnNumber ?? 0);
    return "originalSource" in entry ? `${entry.originalSource}:${entry.originalLine + 1}` : `${url}, unmapped`;
  }

  /** Closes the connection with a handshake, like a debugger that disconnects on its own. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await within(this.closed, "closing");
  }

  #onMessage(text: string): void {
    const { id, method, params, result, error } = JSON.parse(text) as Record<string, unknown>;
    if (typeof id === "number") {
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      if (error === undefined) answer?.resolve(result);
      else answer?.reject(new Error(JSON.stringify(error)));
    }
    if (method === "Debugger.scriptParsed") this.#scripts.push(params as Script);
    if (method === "Debugger.paused") this.#pauses.push(params as Paused);
    for (const wake of this.#wakers) wake();
  }

  #found<T>(find: () => T | undefined, what: string): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const check = (): void => {
      const found = find();
      if (found === undefined) return;
      this.#wakers.delete(check);
      resolve(found);
    };
    this.#wakers.add(check);
    check();
    return within(promise, what);
  }
}

function mapIn(url: string): { sourceMap: SourceMap; payload: SourceMapPayload } {
  const payload = JSON.parse(Buffer.from(url.replace(/^[^,]*,/, ""), "base64").toString()) as SourceMapPayload;
  return { sourceMap: new SourceMap(payload), payload };
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No ${what} within ${deadlineMs} ms`)), deadlineMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
