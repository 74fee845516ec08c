/** Memory of the whole process tree, idle and under load, and of additional isolates. */
import { setTimeout as delay } from "node:timers/promises";
import { ask } from "../client.ts";
import { canMeasureMemory, memoryOf } from "../memory.ts";
import type { Measure, MeasureRow } from "../results.ts";
import { start, type RunningTarget } from "../running-target.ts";
import { conditionsOf, failureOf, log, type Session } from "../session.ts";
import { scenarioOf } from "../scenarios.ts";
import { offhook } from "../targets/offhook.ts";
import type { Target } from "../targets/target.ts";

const isolates = 10;
const megabyte = 1024 * 1024;
/** Servers count as idle after this time, because some return memory late. */
const restMs = 6_000;

export async function measureMemory(session: Session, count: number): Promise<Measure> {
  const title = "Memory";
  if (!canMeasureMemory) return { name: "memory", title, rows: [], notes: ["Not measured: only Linux reports PSS."] };
  log(`memory: ${count} of each`);
  const rows = new Rows();
  for (let round = 0; round < count; round += 1) {
    for (const target of session.targets) {
      try {
        await measureTarget(session, target, rows);
      } catch (error) {
        session.failures.push(failureOf(target, "memory", error));
      }
    }
    if (!session.targets.includes(offhook)) continue;
    const { plainProject, project } = session.folder;
    const plain = await measureIsolate(session, plainProject, "/wait?ms=400");
    rows.add("memory isolate", "Offhook: each further isolate", plain);
    const twilio = await measureIsolate(session, project, "/wait-twiml?ms=400");
    rows.add("memory isolate twilio", "Offhook: each further isolate, `twilio` loaded", twilio);
  }
  const notes = [
    "PSS, as the sum of all processes of a server. Memory that they share is counted once. What they share with others, " +
      "such as Node's own code, is divided among all who run it, so that figures are somewhat higher on an idle machine.",
    "Under load: half-way through a window of `hello` at 50 connections (at 10 for a process per request).",
    `Additional isolates: the memory of ${isolates} more, after all of them have served at once and are idle again.`,
  ];
  return { name: "memory", title, rows: rows.all(), notes };
}

async function measureTarget(session: Session, target: Target, rows: Rows): Promise<void> {
  const isOurs = target.name === "offhook";
  const project = isOurs ? session.folder.plainProject : session.folder.project;
  const server = await start(target, { folder: session.folder, project });
  try {
    await delay(restMs);
    const idle = memoryOf(server.pid);
    if (isOurs) {
      rows.add("memory gateway", "Offhook, idle: gateway", idle.root);
      rows.add("memory spare", "Offhook, idle: one spare isolate", idle.others);
    }
    rows.add(`memory idle ${target.name}`, `${target.title}, idle`, idle.total);
    rows.add(`memory busy ${target.name}`, `${target.title}, under load`, await busyMemory(session, server));
  } finally {
    await server.stop();
  }
}

async function busyMemory(session: Session, server: RunningTarget): Promise<number> {
  const isSlow = server.target.windowPlan !== undefined;
  const seconds = isSlow ? 4 : Math.max(1, session.seconds);
  const request = scenarioOf("hello").request(conditionsOf(session, server));
  const options = { port: server.port, request, connections: isSlow ? 10 : 50, seconds };
  const [, bytes] = await Promise.all([
    session.load(options),
    delay(seconds * 500).then(() => memoryOf(server.pid).total),
  ]);
  return bytes;
}

/** Bytes of one isolate, computed from the difference that several make. */
async function measureIsolate(session: Session, project: string, path: string): Promise<number> {
  const server = await start(offhook, { folder: session.folder, project });
  try {
    const request = { method: "GET", path, headers: {}, body: "" } as const;
    // One isolate has served before, so that the gateway's own first call does not count.
    await ask(server.port, request);
    await delay(restMs);
    const before = memoryOf(server.pid);
    const replies = await Promise.all(
      Array.from({ length: isolates + before.children }, () => ask(server.port, request)),
    );
    if (replies.some(({ status }) => status !== 200)) throw new Error(`memory: ${JSON.stringify(replies)}`);
    await delay(restMs);
    const after = memoryOf(server.pid);
    return (after.total - before.total) / (after.children - before.children);
  } finally {
    await server.stop();
  }
}

class Rows {
  readonly #rows = new Map<string, MeasureRow & { samples: number[] }>();

  add(key: string, label: string, bytes: number): void {
    const row = this.#rows.get(key);
    if (row !== undefined) row.samples.push(bytes / megabyte);
    else this.#rows.set(key, { key, label, unit: "MB", samples: [bytes / megabyte] });
  }

  all(): MeasureRow[] {
    return [...this.#rows.values()];
  }
}
