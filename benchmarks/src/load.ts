/** Load: a separate program makes many requests at a time. */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { delimiter, join } from "node:path";
import { peerFile } from "./peer-packages.ts";
import type { LoadRequest } from "./scenarios.ts";

export type LoadTool = "wrk" | "autocannon";

/** The results of one time window. */
export interface Window {
  readonly seconds: number;
  /** With any status. */
  readonly requests: number;
  /** Replies that are not 2xx. */
  readonly statusErrors: number;
  /** Failed connections and missing replies. */
  readonly socketErrors: number;
  /** Latencies of all replies, in microseconds. Autocannon measures whole milliseconds only. */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

interface LoadOptions {
  readonly port: number;
  readonly request: LoadRequest;
  readonly connections: number;
  readonly seconds: number;
}

const script = fileURLToPath(new URL("wrk.lua", import.meta.url));
const autocannon = peerFile("autocannon/autocannon.js");

/** wrk if it is installed, because it uses a third of Autocannon's processor time. */
export function findLoadTool(): LoadTool | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, "wrk")))) return "wrk";
  return existsSync(autocannon) ? "autocannon" : undefined;
}

/** Successful replies per second. */
export function rateOf({ requests, statusErrors, seconds }: Window): number {
  return (requests - statusErrors) / seconds;
}

/** @throws if the program fails. */
export type Load = (options: LoadOptions) => Promise<Window>;

export function loadBy(tool: LoadTool): Load {
  return tool === "wrk" ? byWrk : byAutocannon;
}

async function byWrk({ port, request, connections, seconds }: LoadOptions): Promise<Window> {
  const whole = Math.ceil(seconds);
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  const options = ["-t1", `-c${connections}`, `-d${whole}s`, "--timeout", "60s", "-s", script];
  const url = `http://127.0.0.1:${port}${request.path}`;
  const child = spawn("wrk", [...options, url, "--", request.method, request.body, ...headers], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  // wrk accepts whole seconds only. When interrupted, it prints its results so far.
  const timer = whole === seconds ? undefined : setTimeout(() => child.kill("SIGINT"), seconds * 1000 + 20);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));
  await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(timer);
  const line = output
    .join("")
    .split("\n")
    .findLast((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`The output of wrk could not be read:\n${output.join("")}`);
  const seen = JSON.parse(line) as Record<string, number>;
  return {
    seconds: (seen["durationUs"] ?? 0) / 1e6,
    requests: seen["requests"] ?? 0,
    statusErrors: seen["status"] ?? 0,
    socketErrors: (seen["socket"] ?? 0) + (seen["timeout"] ?? 0),
    p50Us: seen["p50Us"] ?? 0,
    p99Us: seen["p99Us"] ?? 0,
    maxUs: seen["maxUs"] ?? 0,
  };
}

async function byAutocannon({ port, request, connections, seconds }: LoadOptions): Promise<Window> {
  const headers = Object.entries(request.headers).flatMap(([name, value]) => ["-H", `${name}=${value}`]);
  const options = ["-j", "-n", "-c", String(connections), "-d", String(seconds), "-t", "60", "-m", request.method];
  const body = request.body === "" ? [] : ["-b", request.body];
  const url = `http://127.0.0.1:${port}${request.path}`;
  const { stdout } = await promisify(execFile)(process.execPath, [autocannon, ...options, ...headers, ...body, url]);
  const seen = JSON.parse(stdout) as {
    duration: number;
    non2xx: number;
    errors: number;
    requests: { total: number };
    latency: { p50: number; p99: number; max: number };
  };
  return {
    seconds: seen.duration,
    requests: seen.requests.total,
    statusErrors: seen.non2xx,
    socketErrors: seen.errors,
    p50Us: seen.latency.p50 * 1000,
    p99Us: seen.latency.p99 * 1000,
    maxUs: seen.latency.max * 1000,
  };
}
