/** The first call of a function, on a server that has been running for a while. */
import { ask, keepAliveAgent } from "../client.ts";
import { waitForCalm } from "../process-tree.ts";
import type { Measure, MeasureRow } from "../results.ts";
import { readyPath, start } from "../running-target.ts";
import { failureOf, log, type Session } from "../session.ts";
import { rotated } from "../statistics.ts";
import { targetOf } from "../targets/all-targets.ts";
import type { Target } from "../targets/target.ts";

interface Case {
  readonly key: string;
  readonly label: string;
  readonly target: Target;
  readonly path: string;
  readonly project: string;
}

/** @param keys of the rows to measure. All by default. */
export async function measureFirstReplies(session: Session, count: number, keys?: readonly string[]): Promise<Measure> {
  log(`first-reply: ${count} of each`);
  const samples = new Map<string, number[]>();
  const cases = casesOf(session).filter(({ key }) => keys?.includes(key) ?? true);
  for (let round = 0; round < count; round += 1) {
    for (const each of rotated(cases, round)) {
      if (hasFailed(session, each.target)) continue;
      try {
        samples.set(each.key, [...(samples.get(each.key) ?? []), await measureOne(session, each)]);
      } catch (error) {
        session.failures.push(failureOf(each.target, "first-reply", error));
      }
    }
  }
  const rows: MeasureRow[] = cases.flatMap(({ key, label }) => {
    const times = samples.get(key);
    return times === undefined ? [] : [{ key, label, unit: "ms", samples: times }];
  });
  return {
    name: "first-reply",
    title: "First reply of a function on a running server",
    rows,
    notes: ["Over a connection that is already open. Each sample is of a server that was just started and is at rest."],
  };
}

/** If a server does not start once, it is not started again. */
function hasFailed({ failures }: Session, { name }: Target): boolean {
  return failures.some(({ target, where }) => target === name && (where === "start" || where === "first-reply"));
}

/** Milliseconds. */
async function measureOne({ folder }: Session, { target, path, project }: Case): Promise<number> {
  const server = await start(target, { folder, project });
  const agent = keepAliveAgent();
  try {
    await waitForCalm(server.pid);
    const get = { method: "GET", headers: {}, body: "" } as const;
    // Twice, because the first request warms up the client.
    for (let warm = 0; warm < 2; warm += 1) await ask(server.port, { ...get, path: readyPath }, agent);
    const before = performance.now();
    const { status, body } = await ask(server.port, { ...get, path }, agent);
    const elapsedMs = performance.now() - before;
    if (status !== 200) throw new Error(`${status} ${body}`);
    return elapsedMs;
  } finally {
    agent.destroy();
    await server.stop();
  }
}

function casesOf({ folder, targets }: Pick<Session, "folder" | "targets">): Case[] {
  const hello = "/hello?name=Ada";
  return targets.flatMap(({ name, title }): Case[] => {
    const target = targetOf(name);
    const one = { target, path: hello, project: name === "offhook" ? folder.plainProject : folder.project };
    const cases: Case[] = [{ ...one, key: `first ${name}`, label: title }];
    // With a process per request, each request loads the function.
    if (name !== "workerd" && name !== "twilio-run") {
      const label = `${title}, reply by \`twilio\``;
      cases.push({ key: `first ${name} twilio`, label, target, path: "/twiml", project: folder.project });
    }
    return cases;
  });
}
