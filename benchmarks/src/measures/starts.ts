/** Time from the start of the process to a function's first reply. */
import type { Measure, MeasureRow } from "../results.ts";
import { launch, start, untilReply, type StartOptions } from "../running-target.ts";
import { failureOf, log, type Session } from "../session.ts";
import { rotated } from "../statistics.ts";
import { offhook } from "../targets/offhook.ts";
import type { Target } from "../targets/target.ts";

interface Case {
  readonly key: string;
  readonly label: string;
  readonly target: Target;
  readonly path: string;
  readonly options: () => StartOptions;
}

const hello = "/hello?name=Ada";

/** @param keys of the rows to measure. All by default. */
export async function measureStarts(session: Session, count: number, keys?: readonly string[]): Promise<Measure> {
  log(`start: ${count} of each`);
  const samples = new Map<string, number[]>();
  const cases = casesOf(session).filter(({ key }) => keys?.includes(key) ?? true);
  // The first start is not measured. It fills Offhook's cache of compiled code and the system's file cache.
  for (const { target, options } of cases) {
    if (session.failures.some((failure) => failure.target === target.name)) continue;
    try {
      await (await start(target, options())).stop();
    } catch (error) {
      session.failures.push(failureOf(target, "start", error));
    }
  }
  for (let round = 0; round < count; round += 1) {
    for (const { key, target, path, options } of rotated(cases, round)) {
      if (session.failures.some((failure) => failure.target === target.name)) continue;
      const server = await launch(target, options());
      try {
        const elapsedMs = await untilReply(server, path, (status) => status === 200);
        samples.set(key, [...(samples.get(key) ?? []), elapsedMs]);
      } catch (error) {
        session.failures.push(failureOf(target, "start", error));
      } finally {
        await server.stop();
      }
    }
  }
  return { name: "start", title: "From start to first reply", rows: rowsOf(cases, samples), notes };
}

const notes = [
  "Measured from outside: requests are repeated until the reply is a 200.",
  "Offhook runs from its TypeScript source, with its cache of compiled code unless the row says otherwise.",
];

function casesOf({ folder, targets }: Pick<Session, "folder" | "targets">): Case[] {
  const plain = { folder, project: folder.plainProject };
  const ours: Case[] = [
    { key: "start offhook", label: "Offhook", target: offhook, path: hello, options: () => plain },
    {
      key: "start offhook cold",
      label: "Offhook, no cache of compiled code yet",
      target: offhook,
      path: hello,
      options: () => ({ ...plain, cache: folder.emptyCache() }),
    },
    {
      key: "start offhook twilio",
      label: "Offhook, reply by `twilio`",
      target: offhook,
      path: "/twiml",
      options: () => ({ folder }),
    },
  ];
  return targets.flatMap((target) => {
    if (target.name === "offhook") return ours;
    return [{ key: `start ${target.name}`, label: target.title, target, path: hello, options: () => ({ folder }) }];
  });
}

function rowsOf(cases: readonly Case[], samples: ReadonlyMap<string, number[]>): MeasureRow[] {
  return cases.flatMap(({ key, label }) => {
    const times = samples.get(key);
    return times === undefined ? [] : [{ key, label, unit: "ms" as const, samples: times }];
  });
}
