/** Compares TwiML with JSON on the same server, in alternating windows: separate scenarios are minutes apart. */
import { rateOf } from "../load.ts";
import type { Measure, MeasureRow } from "../results.ts";
import { start } from "../running-target.ts";
import { scenarioOf } from "../scenarios.ts";
import { conditionsOf, log, type Session } from "../session.ts";
import { rotated } from "../statistics.ts";
import { offhook } from "../targets/offhook.ts";

const names = ["hello", "twiml"] as const;

export async function measureTwimlCost(session: Session, count: number): Promise<Measure> {
  log(`twiml-cost: ${count} rounds`);
  const rows = names.map((name): MeasureRow & { samples: number[] } => ({
    key: `alternating ${name}`,
    label: `Offhook, 50 connections: \`${name}\``,
    unit: "/s",
    samples: [],
  }));
  const server = await start(offhook, { folder: session.folder });
  try {
    const measure = async (name: (typeof names)[number], seconds: number): Promise<number> => {
      const request = scenarioOf(name).request(conditionsOf(session, server));
      return rateOf(await session.load({ port: server.port, request, connections: 50, seconds }));
    };
    for (const name of names) await measure(name, Math.min(1, session.seconds));
    for (let round = 0; round < count; round += 1) {
      for (const index of rotated([0, 1] as const, round)) {
        rows[index]?.samples.push(await measure(names[index], session.seconds));
      }
    }
  } finally {
    await server.stop();
  }
  return { name: "twiml-cost", title: "What TwiML costs over JSON", rows, notes: [] };
}
