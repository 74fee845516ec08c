/** Cost of the dashboard: `offhook dev` with it, without an open page, against one without, in alternating windows. */
import { rateOf } from "../load.ts";
import type { Measure, MeasureRow } from "../results.ts";
import { start, type RunningTarget } from "../running-target.ts";
import { scenarioOf } from "../scenarios.ts";
import { conditionsOf, log, type Session } from "../session.ts";
import { rotated } from "../statistics.ts";
import { offhook } from "../targets/offhook.ts";
import type { Target } from "../targets/target.ts";

const dev: Target = {
  ...offhook,
  command: (place) => {
    const { program, args, environment } = offhook.command(place);
    // The log has a cost of its own. It is the same for both.
    return {
      program,
      environment,
      args: [...args.map((each) => (each === "start" ? "dev" : each)), "--log-level", "error"],
    };
  },
};

const servers = [
  { name: "without", flags: ["--no-dashboard"] },
  { name: "with", flags: ["--dashboard"] },
] as const;
const connections = [1, 50] as const;

export async function measureWatched(session: Session, count: number): Promise<Measure> {
  log(`watched: ${count} rounds`);
  const rows: (MeasureRow & { samples: number[] })[] = connections.flatMap((many) =>
    servers.map(({ name }) => ({
      key: `watched ${many} ${name}`,
      label: `Offhook dev, ${many === 1 ? "1 connection" : `${many} connections`}: ${name} a dashboard`,
      unit: "/s" as const,
      samples: [],
    })),
  );
  const running: RunningTarget[] = [];
  try {
    for (const { flags } of servers) running.push(await start(dev, { folder: session.folder, flags }));
    const measure = async (index: number, many: number, seconds: number): Promise<number> => {
      const server = running[index] as RunningTarget;
      const request = scenarioOf("hello").request(conditionsOf(session, server));
      return rateOf(await session.load({ port: server.port, request, connections: many, seconds }));
    };
    for (const index of servers.keys()) await measure(index, 50, Math.min(1, session.seconds));
    for (let round = 0; round < count; round += 1) {
      for (const [at, many] of connections.entries()) {
        for (const index of rotated([0, 1] as const, round)) {
          rows[at * servers.length + index]?.samples.push(await measure(index, many, session.seconds));
        }
      }
    }
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
  const notes = ["Under load most requests are counted, not recorded: at most 300 at once, and 60 a second."];
  return { name: "watched", title: "Cost of the dashboard", rows, notes };
}
