/**
 * Each call of a function that leaves something costs a process. Compares the rate with the machine's own process
 * starts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { rateOf } from "../load.ts";
import type { Measure } from "../results.ts";
import { start } from "../running-target.ts";
import { log, type Session } from "../session.ts";
import { offhook } from "../targets/offhook.ts";

export async function measureLeaky(session: Session, count: number): Promise<Measure> {
  log(`leaky: ${count} rounds`);
  const rates: number[] = [];
  const starts: number[] = [];
  const errors: number[] = [];
  const longest: number[] = [];
  const seconds = Math.max(2, session.seconds);
  const server = await start(offhook, { folder: session.folder, project: session.folder.plainProject });
  try {
    const request = { method: "GET", path: "/leaky", headers: {}, body: "" } as const;
    const options = { port: server.port, request, connections: 10, seconds };
    await session.load({ ...options, seconds: 1 });
    for (let round = 0; round < count; round += 1) {
      const window = await session.load(options);
      rates.push(rateOf(window));
      errors.push(window.statusErrors + window.socketErrors);
      longest.push(window.maxUs / 1000);
      starts.push(await startsPerSecond(seconds));
    }
  } finally {
    await server.stop();
  }
  return {
    name: "leaky",
    title: "A function that leaves a timer in each call",
    rows: [
      { key: "leaky rate", label: "Offhook, 10 connections: replies", unit: "/s", samples: rates },
      { key: "leaky errors", label: "Offhook: errors", unit: "", samples: errors },
      { key: "leaky longest", label: "Offhook: longest reply", unit: "ms", samples: longest },
      { key: "process starts", label: "`node -e 0`, one after another on each core", unit: "/s", samples: starts },
    ],
    notes: [
      "Each call costs an isolate, because its leftovers must end. Offhook cannot be faster than processes start.",
      "`node -e 0` runs without a cache, without a pipe and without an isolate's code.",
    ],
  };
}

/** One loop for each core. */
async function startsPerSecond(seconds: number): Promise<number> {
  const began = performance.now();
  let ended = 0;
  const loops = Array.from({ length: availableParallelism() }, async () => {
    while (performance.now() - began < seconds * 1000) {
      const environment = { PATH: process.env["PATH"] };
      await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore", env: environment }), "exit");
      ended += 1;
    }
  });
  await Promise.all(loops);
  return (ended * 1000) / (performance.now() - began);
}
