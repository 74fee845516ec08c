/** Compares a project of thousands of functions with a project of one. */
import { rateOf } from "../load.ts";
import type { Measure } from "../results.ts";
import { createLargeProject } from "../run-folder.ts";
import { launch, start, untilReply, type RunningTarget } from "../running-target.ts";
import { scenarioOf } from "../scenarios.ts";
import { conditionsOf, log, type Session } from "../session.ts";
import { rotated } from "../statistics.ts";
import { offhook } from "../targets/offhook.ts";

const sizes = [1, 5000];

export async function measureManyFunctions(session: Session, count: number): Promise<Measure> {
  log(`many-functions: ${count} rounds`);
  const { folder } = session;
  const hello = scenarioOf("hello");
  const startMs = new Map<number, number[]>(sizes.map((size) => [size, []]));
  const rates = new Map<number, number[]>(sizes.map((size) => [size, []]));
  const isGood = (status: number): boolean => status === 200;
  for (let round = 0; round < count; round += 1) {
    for (const size of rotated(sizes, round)) {
      const server = await launch(offhook, { folder, project: createLargeProject(folder, size) });
      startMs.get(size)?.push(await untilReply(server, "/hello?name=Ada", isGood));
      await server.stop();
    }
  }

  const servers = new Map<number, RunningTarget>();
  const measure = async (server: RunningTarget, seconds: number): Promise<number> => {
    const request = hello.request(conditionsOf(session, server));
    return rateOf(await session.load({ port: server.port, request, connections: 50, seconds }));
  };
  try {
    for (const size of sizes) {
      const server = await start(offhook, { folder, project: createLargeProject(folder, size) });
      servers.set(size, server);
      await measure(server, 1);
    }
    for (let round = 0; round < count; round += 1) {
      for (const [size, server] of rotated([...servers], round)) {
        rates.get(size)?.push(await measure(server, session.seconds));
      }
    }
  } finally {
    for (const server of servers.values()) await server.stop();
  }

  return {
    name: "many-functions",
    title: "Projects of 1 and of 5,000 functions",
    rows: [
      ...sizes.map((size) => ({
        key: `many start ${size}`,
        label: `Offhook, ${size}: start to first reply`,
        unit: "ms" as const,
        samples: startMs.get(size) ?? [],
      })),
      ...sizes.map((size) => ({
        key: `many rate ${size}`,
        label: `Offhook, ${size}: \`hello\` at 50 connections`,
        unit: "/s" as const,
        samples: rates.get(size) ?? [],
      })),
    ],
    notes: [],
  };
}
