/**
 * A tunnel: a program that the author chose, which gives the server a public URL.
 *
 *     starting ──URL found──▶ open ──it fails──▶ waiting ──▶ starting …
 *         │ exits without a URL: reported; not started again, unless it had a URL before
 *         ╰ 30 s without a URL: reported; the search goes on
 *
 * The program leads a process group, which is killed with the server in every case.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";

import { sealed } from "@offhook/runtime/internal/descriptors";
import { notices } from "@offhook/runtime/observe";
import { ProcessGroup } from "@offhook/runtime/internal/process-group";
import { Reaper } from "@offhook/runtime/internal/reaper";

import { publicAddressIn } from "./public-address.ts";

export interface TunnelOptions {
  /** The program and its arguments, with `{url}`, `{host}` and `{port}`. */
  readonly command: readonly string[];
  /** The server's URL on this machine. */
  readonly url: string;
  /** Whether to search the program's output for the URL. */
  readonly isSearched: boolean;
  /** Called when the URL is new or has changed. */
  readonly onAddress: (origin: string) => void;
  /** Milliseconds until a missing URL is reported. */
  readonly addressTimeoutMs?: number;
  /** Milliseconds until the program is started again. Doubles each time. */
  readonly retryDelayMs?: number;
}

const maxRetryDelayMs = 30_000;
/** Starts in a row without a URL. Then we give up. */
const maxAttempts = 6;
/** Milliseconds from SIGTERM to SIGKILL. */
const endMs = 700;
/** A program that ran this long counts as a success. */
const stableMs = 20_000;
const keptLines = 10;
const lineCharacters = 2_000;

export class Tunnel {
  readonly #options: TunnelOptions;
  readonly #reaper = new Reaper();
  #child: ChildProcess | undefined;
  #group: ProcessGroup | undefined;
  #address: string | undefined;
  /** Starts since the last success. */
  #attempts = 0;
  #startedAt = 0;
  /** Whether this process has printed its URL. */
  #hasAddress = false;
  #lastLines: string[] = [];
  #addressTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: TunnelOptions) {
    this.#options = options;
  }

  /** Does nothing if the program is already running. */
  start(): void {
    if (this.#isStopped || this.#child !== undefined) return;
    clearTimeout(this.#retryTimer);
    const [program = "", ...args] = this.#options.command.map((word) => this.#withAddress(word));
    this.#attempts++;
    this.#startedAt = performance.now();
    this.#hasAddress = false;
    this.#lastLines = [];
    let child: ChildProcess;
    try {
      // Its standard input stays open and empty: `ssh` exits when its input ends.
      child = spawn(program, args, { detached: true, stdio: [...sealed(["pipe", "pipe", "pipe"] as const)] });
    } catch (error) {
      return this.#onNotStarted(program, error as NodeJS.ErrnoException);
    }
    this.#child = child;
    const group = child.pid === undefined ? undefined : new ProcessGroup(child.pid);
    this.#group = group;
    if (child.pid !== undefined) this.#reaper.watch(child.pid);
    child.stdin?.on("error", () => {});
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      stream.on("error", () => {});
      createInterface({ input: stream }).on("line", (line) => this.#onLine(line.slice(0, lineCharacters)));
    }
    let isStarted = true;
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      isStarted = false;
      this.#child = undefined;
      this.#onNotStarted(program, error);
    });
    // Kill its children when it exits. They then release its pipes, so that its output can be read to the end.
    child.once("exit", () => group?.signal("SIGKILL"));
    child.once("close", (code: number | null, signal) => {
      if (isStarted) this.#onEnd(child, code, signal ?? `exit code ${code}`);
    });
    if (this.#options.isSearched) this.#awaitAddress();
  }

  /** Resolves when the program is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#addressTimer);
    clearTimeout(this.#retryTimer);
    const child = this.#child;
    if (child !== undefined) {
      const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
      if (child.exitCode !== null || child.signalCode !== null) closePipes(child);
      else child.once("exit", () => closePipes(child));
      this.#group?.signal("SIGTERM");
      const timer = setTimeout(() => this.#group?.signal("SIGKILL"), endMs);
      await ended.finally(() => clearTimeout(timer));
    }
    this.#reaper.stop();
  }

  #withAddress(word: string): string {
    const { hostname, port, host } = new URL(this.#options.url);
    const values: Readonly<Record<string, string>> = { url: `http://${host}`, host: hostname, port: port || "80" };
    return word.replace(/\{(url|host|port)\}/g, (_match, name: string) => values[name] ?? "");
  }

  #awaitAddress(): void {
    const { addressTimeoutMs: timeoutMs = 30_000, command } = this.#options;
    clearTimeout(this.#addressTimer);
    this.#addressTimer = setTimeout(() => {
      const message = `${command[0]} printed no public URL within ${Math.round(timeoutMs / 1_000)} s${this.#lastOutput()}`;
      notices.publish({ level: "warn", code: "tunnel-without-url", message });
    }, timeoutMs);
    this.#addressTimer.unref();
  }

  #onLine(line: string): void {
    const text = stripVTControlCharacters(line).trimEnd();
    if (text === "") return;
    this.#lastLines = [...this.#lastLines, text].slice(-keptLines);
    notices.publish({ level: "debug", message: `tunnel: ${text}` });
    if (!this.#options.isSearched || this.#isStopped) return;
    const found = publicAddressIn(text);
    if (found === undefined) return;
    // A second URL replaces the first only if it is certain.
    if (this.#hasAddress && !found.isCertain) return;
    this.#hasAddress = true;
    this.#attempts = 0;
    clearTimeout(this.#addressTimer);
    if (found.origin === this.#address) return;
    this.#address = found.origin;
    this.#options.onAddress(found.origin);
  }

  #onNotStarted(program: string, { code, message }: NodeJS.ErrnoException): void {
    clearTimeout(this.#addressTimer);
    const why = code === "ENOENT" ? "program not found" : code === "EACCES" ? "permission denied" : message;
    notices.publish({ level: "error", code: "tunnel-not-started", message: `${program}: ${why}` });
  }

  #onEnd({ pid }: ChildProcess, code: number | null, how: string): void {
    this.#child = undefined;
    clearTimeout(this.#addressTimer);
    if (pid !== undefined) this.#reaper.forget(pid);
    if (this.#isStopped) return;
    const { retryDelayMs: firstDelayMs = 1_000, command, isSearched } = this.#options;
    if (performance.now() - this.#startedAt > stableMs) this.#attempts = 0;
    // Some programs hand over to a service and exit: `tailscale funnel --bg`.
    const isDone = code === 0;
    const isGivenUp = this.#attempts >= maxAttempts || (isSearched && this.#address === undefined);
    const delayMs = Math.min(maxRetryDelayMs, firstDelayMs * 2 ** this.#attempts);
    const next = isDone || isGivenUp ? "" : `; restarting in ${Math.ceil(delayMs / 1_000)} s`;
    notices.publish({
      level: isDone && !isGivenUp ? "info" : isGivenUp ? "error" : "warn",
      code: "tunnel-ended",
      message: `${command[0]} exited (${how})${next}${this.#lastOutput()}`,
    });
    if (!isDone && !isGivenUp) this.#retryTimer = setTimeout(() => this.start(), delayMs).unref();
  }

  #lastOutput(): string {
    return this.#lastLines.length === 0 ? "" : `. Its last output:\n${this.#lastLines.join("\n")}`;
  }
}

/** A child outside its process group could hold its pipes open forever. */
function closePipes({ stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
}
