/**
 * The gateway's side of debugging: which isolate debuggers connect to, whether they hold it, and whether it waits.
 *
 * Each isolate has its own inspector, on its own port. Debuggers only know the proxy. An editor that reconnects finds
 * the next isolate at the same address.
 *
 *     isolate starts ──┬──────────────────────────────────────▶ runs ◀──▶ stopped
 *                      ╰─▶ waits for a debugger: without limit for the first one with `--inspect-brk`,
 *                          a few seconds for one that lost its connection when the last isolate ended
 *
 * The pool's clock stops while the isolate waits, and while the isolate has told a connected debugger that it is
 * stopped. At all other times the clock runs. User code can open an inspector itself, but cannot be the author's
 * debugger.
 */
import { notices } from "../observe/channels.ts";
import { authorityOf, reachableHost } from "../host-address.ts";
import { OffhookError } from "../offhook-error.ts";
import type { Debuggable, Debugging } from "../pool/debugging.ts";
import { DebuggerProxy, devtoolsUrl } from "./debugger-proxy.ts";

export interface InspectOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Whether user code waits until a debugger is connected, and the first invocation stops. */
  readonly breaks: boolean;
}

/** Editors retry once a second. */
const reconnectMs = 5_000;

/** Node's own messages about debuggers. */
const notes =
  /^(?:Debugger (?:listening on|ending on|attached).*|For help, see: https:\/\/nodejs\.org\/.*|Waiting for the debugger to disconnect\.\.\.)(?:\n|$)/gm;

/** The parts of a service that a debugger host uses. */
export interface DebuggedService {
  readonly sid: string;
  readonly folder: string;
}

export class DebugHost implements Debugging {
  readonly #proxy: DebuggerProxy;
  readonly #service: string;
  readonly #breaks: boolean;
  /** `127.0.0.1:9229` */
  address = "";
  /** For the address bar of Chrome. */
  devtoolsUrl = "";
  /** Whether an invocation has run. */
  #hasServed = false;
  #mayReconnect = false;
  #isClosed = false;
  #hasReportedWaiting = false;
  #inspectorUrl: string | undefined;
  #isWaiting = false;
  #isPaused = false;
  #reconnectTimer: NodeJS.Timeout | undefined;
  /** Since when the isolate is held, or since the last call of `takeHeldMs`. */
  #heldAt: number | undefined;
  #heldMs = 0;

  constructor({ sid, folder }: DebuggedService, breaks: boolean) {
    this.#service = sid;
    this.#breaks = breaks;
    this.#proxy = new DebuggerProxy(folder, {
      onPause: (isPaused) => this.#onPause(isPaused),
      onAttached: () => {
        this.#mayReconnect = false;
        clearTimeout(this.#reconnectTimer);
      },
      onLeft: () => {
        if (this.#proxy.connected > 0) return;
        this.#mayReconnect = false;
        if (this.#isWaiting && !this.#isFirst) this.#resume();
      },
      onCut: () => (this.#mayReconnect = true),
    });
  }

  async listen(host: string, port: number): Promise<void> {
    const bound = await this.#proxy.listen(host, port);
    this.address = authorityOf(bound.host, bound.port);
    this.devtoolsUrl = devtoolsUrl(`${authorityOf(reachableHost(bound.host), bound.port)}${bound.path}`);
  }

  setup(): { waits: boolean; stopsAtFirstLine: boolean } {
    const isFirst = this.#isFirst;
    return { waits: isFirst || (this.#mayReconnect && !this.#isClosed), stopsAtFirstLine: isFirst };
  }

  get #isFirst(): boolean {
    return this.#breaks && !this.#hasServed && !this.#isClosed;
  }

  onMessage({ url, isWaiting }: Debuggable): void {
    if (this.#inspectorUrl === undefined) {
      this.#inspectorUrl = url;
      if (isWaiting) this.#onWaiting();
      this.#proxy.setTarget(url);
    } else if (this.#isWaiting && !isWaiting) {
      this.#isWaiting = false;
      clearTimeout(this.#reconnectTimer);
      this.#onHeld();
    }
    // User code has sent all other messages.
  }

  #onWaiting(): void {
    this.#isWaiting = true;
    this.#onHeld();
    if (this.#isClosed) return this.#resume();
    if (!this.#isFirst) {
      this.#reconnectTimer = setTimeout(() => {
        this.#mayReconnect = false;
        const message = `The debugger has not reconnected within ${reconnectMs / 1000} s. Functions run without it`;
        this.#warn(message);
        this.#resume();
      }, reconnectMs);
    } else if (!this.#hasReportedWaiting) {
      this.#hasReportedWaiting = true;
      const message = `Waiting for a debugger at ${this.address}. Functions run when it is connected`;
      this.#warn(message);
    }
  }

  onExiting(): void {
    this.#mayReconnect ||= this.#proxy.connected > 0;
    this.#proxy.disconnectAll();
  }

  onEnded(hasServed: boolean): void {
    this.onExiting();
    this.#hasServed ||= hasServed;
    clearTimeout(this.#reconnectTimer);
    this.#inspectorUrl = undefined;
    this.#isWaiting = false;
    this.#onPause(false);
  }

  get isHeld(): boolean {
    return this.#isWaiting || this.#isPaused;
  }

  takeHeldMs(now: number): number {
    if (this.#heldAt !== undefined) {
      this.#heldMs += now - this.#heldAt;
      this.#heldAt = now;
    }
    const heldMs = this.#heldMs;
    this.#heldMs = 0;
    return heldMs;
  }

  withoutNotes(text: string): string {
    return text.replace(notes, "");
  }

  /** The code has changed. A function that is stopped in the debugger continues with the old code. */
  onReload(): void {
    if (!this.#isPaused) return;
    const message =
      "A function is stopped in the debugger. It continues with the old code. The change is live after it ends";
    this.#warn(message);
  }

  /** Disconnects debuggers. A stopped function continues within the rest of its time limit. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.isHeld) {
      this.#warn("The debugger is disconnected. The function that it stopped runs to its end");
    }
    this.#proxy.close();
    if (this.#isWaiting) this.#resume();
  }

  #onPause(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    this.#onHeld();
  }

  #onHeld(): void {
    const now = performance.now();
    if (this.#heldAt !== undefined) this.#heldMs += now - this.#heldAt;
    this.#heldAt = this.isHeld ? now : undefined;
  }

  #warn(message: string): void {
    notices.publish({ service: this.#service, level: "info", message });
  }

  /** Sends the message with which a debugger lets the isolate run. */
  #resume(): void {
    if (this.#inspectorUrl === undefined) return;
    const socket = new WebSocket(this.#inspectorUrl);
    socket.addEventListener("open", () => socket.send('{"id":1,"method":"Runtime.runIfWaitingForDebugger"}'));
    socket.addEventListener("message", () => socket.close());
  }
}

/**
 * @param isHardened whether isolates run under Node's permission model. In older versions it does not allow debuggers.
 * @throws OffhookError `debugger-port-in-use`, `address-unavailable`, `debugger-unavailable`
 */
export async function openDebugger(
  service: DebuggedService,
  { host, port, breaks }: InspectOptions,
  isHardened: boolean,
  flags: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): Promise<DebugHost> {
  if (isHardened && !flags.has("--allow-inspector")) {
    throw new OffhookError("debugger-unavailable", `Node ${process.versions.node} allows no debugger with --hardened`);
  }
  const debugHost = new DebugHost(service, breaks);
  await debugHost.listen(host, port);
  return debugHost;
}
