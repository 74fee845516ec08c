/** The server's resources, read from outside through `/proc`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { memoryOf } from "../../benchmarks/src/memory.ts";
import { processesIn } from "./remnants.ts";
import type { Server } from "./server.ts";

export interface Sample {
  /** Requests sent so far. */
  readonly requests: number;
  /** Since the start, in milliseconds. */
  readonly atMs: number;
  /** JavaScript objects and their buffers in the gateway, after a collection. */
  readonly heapBytes: number;
  /** Memory that malloc() holds in the gateway, in use or not. */
  readonly mallocBytes: number;
  /**
   * The gateway's private memory. PSS would not do: the gateway's share of common pages grows when isolates end. V8
   * keeps about 100 MB of pages for future garbage, more if it was busier.
   */
  readonly gatewayBytes: number;
  /** PSS of the gateway and of all processes that it has started. */
  readonly treeBytes: number;
  /** Open descriptors of the gateway. */
  readonly handles: number;
  readonly threads: number;
  /** Processes with the server's working directory, including the gateway and zombies. */
  readonly processes: number;
}

/** The deadline allows for a gateway that is paused or busy. */
const collectionMs = 10_000;

/** @throws if the gateway has exited, or does not collect its garbage. */
export async function sample(server: Server, requests: number): Promise<Sample> {
  const { heapBytes } = await collect(server);
  const status = readFileSync(`/proc/${server.pid}/status`, "latin1");
  const figure = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return {
    requests,
    atMs: performance.now(),
    heapBytes,
    mallocBytes: mallocBytesOf(server.pid),
    gatewayBytes: figure("RssAnon") * 1024,
    treeBytes: memoryOf(server.pid).total,
    handles: readdirSync(`/proc/${server.pid}/fd`).length,
    threads: figure("Threads"),
    processes: processesIn(server.project).length,
  };
}

/** Arenas of threads begin at multiples of this size. Few pages of V8 do. */
const arenaBytes = 64n * 2n ** 20n;

/** The pages of the heap made by `brk`, and of the arenas that glibc makes for threads. */
function mallocBytesOf(pid: number): number {
  let isMalloc = false;
  let kilobytes = 0;
  for (const line of readFileSync(`/proc/${pid}/smaps`, "latin1").split("\n")) {
    const range = /^([\da-f]+)-([\da-f]+) \S+ \S+ \S+ \d+ *(.*)$/.exec(line);
    if (range !== null) {
      const [from, to] = [BigInt(`0x${range[1]}`), BigInt(`0x${range[2]}`)];
      const isArena = range[3] === "" && from % arenaBytes === 0n && to - from <= arenaBytes;
      isMalloc = range[3] === "[heap]" || isArena;
    } else if (isMalloc && line.startsWith("Anonymous:")) kilobytes += Number(/\d+/.exec(line)?.[0]);
  }
  return kilobytes * 1024;
}

/** The file that `collect-garbage.ts` writes. */
interface Heap {
  readonly times: number;
  readonly heapBytes: number;
}

/** @returns the bytes that are left. */
async function collect({ pid, heapFile }: Server): Promise<Heap> {
  const before = readHeap(heapFile).times;
  process.kill(pid, "SIGUSR2");
  const deadline = performance.now() + collectionMs;
  for (;;) {
    const heap = readHeap(heapFile);
    if (heap.times > before) return heap;
    if (performance.now() > deadline) throw new Error(`no collection in ${collectionMs} ms`);
    await delay(20);
  }
}

function readHeap(file: string): Heap {
  if (!existsSync(file)) return { times: 0, heapBytes: 0 };
  return JSON.parse(readFileSync(file, "utf8")) as Heap;
}

/**
 * Waits until the server is at rest: no more processes than `processes`, and the same number of descriptors for a
 * while.
 * @returns false if the deadline passed first.
 */
export async function waitForCalm(server: Server, processes: number, deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  let calm = 0;
  let last: number | undefined;
  while (performance.now() < deadline) {
    if (server.exit() !== undefined) return false;
    const handles = handlesOf(server.pid);
    const isCalm = handles !== undefined && handles === last && processesIn(server.project).length <= processes;
    calm = isCalm ? calm + 1 : 0;
    last = handles;
    if (calm >= 8) return true;
    await delay(125);
  }
  return false;
}

/** @returns undefined for a process that has just exited. */
function handlesOf(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/** The maximum of each figure. */
export function peaksOf([first, ...others]: readonly Sample[]): Sample | undefined {
  if (first === undefined) return undefined;
  const keys = Object.keys(first) as (keyof Sample)[];
  const largest = (key: keyof Sample): number => Math.max(first[key], ...others.map((other) => other[key]));
  return Object.fromEntries(keys.map((key) => [key, largest(key)])) as unknown as Sample;
}
