/**
 * The gateway's side of debugging: which isolate debuggers get to, whether they hold it, and for whom it waits.
 *
 * Each isolate has an inspector of its own, on a port of its own. Debuggers know none of them but the proxy, so that an
 * editor that connects again finds the next isolate where the last one was.
 *
 *     isolate starts ──┬──────────────────────────────────────▶ runs ◀──▶ stopped
 *                      ╰─▶ waits for a debugger: for the first one of `--inspect-brk` without end,
 *                          for one that was cut off by the end of the last isolate a few seconds
 *
 * The pool's clock stands while the isolate waits, and while a debugger that is connected has been told that it is stopped.
 * No longer: user code could open an inspector itself, but it cannot be the debugger of the author.
 */
import { notices } from "../observe/channels.ts";
import { authorityOf, reachableHost } from "../host-address.ts";
import { OffhookError } from "../offhook-error.ts";
import type { Debuggable, Debugging } from "../pool/debugging.ts";
import { DebuggerProxy, devtoolsUrl } from "./debugger-proxy.ts";

export interface InspectOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Nothing of user code runs before a debugger has come, and the first invocation stops. */
  readonly breaks: boolean;
}

/** Editors try again once a second. */
const reconnectMs = 5_000;

/** Node's own words. */
const notes =
  /^(?:Debugger (?:listening on|ending on|attached).*|For help, see: https:\/\/nodejs\.org\/.*|Waiting for the debugger to disconnect\.\.\.)(?:\n|$)/gm;

/** What a debugger host knows of its service. */
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
  /** An invocation has run. */
  #hasServed = false;
  #mayReconnect = false;
  #isClosed = false;
  #hasReportedWaiting = false;
  #inspectorUrl: string | undefined;
  #isWaiting = false;
  #isPaused = false;
  #reconnectTimer: NodeJS.Timeout | undefined;
  /** Since when what is held has not been asked for. */
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
    // All else user code has said.
  }

  #onWaiting(): void {
    this.#isWaiting = true;
    this.#onHeld();
    if (this.#isClosed) return this.#resume();
    if (!this.#isFirst) {
      this.#reconnectTimer = setTimeout(() => {
        this.#mayReconnect = false;
        const message = `The debugger has not come back within ${reconnectMs / 1000} s: functions run without it`;
        this.#warn(message);
        this.#resume();
      }, reconnectMs);
    } else if (!this.#hasReportedWaiting) {
      this.#hasReportedWaiting = true;
      const message = `Waiting for a debugger at ${this.address}: nothing of the functions runs before it has come`;
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

  /** The code has changed. What a debugger holds goes on with what it was. */
  onReload(): void {
    if (!this.#isPaused) return;
    const message =
      "A function is stopped in the debugger: it goes on with the code from before, and the change is live after it";
    this.#warn(message);
  }

  /** Nobody is held any more: what was stopped runs on, within what its limit leaves it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.isHeld) {
      this.#warn("The debugger is disconnected: what it held runs on, to be finished");
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

  /** Says itself what a debugger would say. */
  #resume(): void {
    if (this.#inspectorUrl === undefined) return;
    const socket = new WebSocket(this.#inspectorUrl);
    socket.addEventListener("open", () => socket.send('{"id":1,"method":"Runtime.runIfWaitingForDebugger"}'));
    socket.addEventListener("message", () => socket.close());
  }
}

/**
 * @param isHardened whether isolates run under Node's permission model, in which older versions allow no debugger.
 * @throws OffhookError `debugger-port-in-use`, `address-unavailable`, `debugger-unavailable`
 */
export async function openDebugger(
  service: DebuggedService,
  { host, port, breaks }: InspectOptions,
  isHardened: boolean,
  flags: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): Promise<DebugHost> {
  if (isHardened && !flags.has("--allow-inspector")) {
    throw new OffhookError("debugger-unavailable", `with --hardened, Node ${process.versions.node} allows no debugger`);
  }
  const debugHost = new DebugHost(service, breaks);
  await debugHost.listen(host, port);
  return debugHost;
}
