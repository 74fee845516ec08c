/** Runs one scenario: starts all servers, then measures them in turn, round after round. */
import { setTimeout as delay } from "node:timers/promises";
import { ask } from "./client.ts";
import { rateOf, type Window } from "./load.ts";
import type { Cell } from "./results.ts";
import { waitForCalm } from "./process-tree.ts";
import { start, type RunningTarget } from "./running-target.ts";
import type { Scenario } from "./scenarios.ts";
import { conditionsOf, failureOf, log, WrongReply, type Session } from "./session.ts";
import { rotated } from "./statistics.ts";
import type { WindowPlan, Target } from "./targets/target.ts";

type RoundWindow = Window & { readonly round: number };

export async function runScenario(session: Session, scenario: Scenario): Promise<Cell[]> {
  log(`${scenario.name}: ${scenario.title}`);
  const servers: RunningTarget[] = [];
  const cells = new Map<string, Cell & { windows: RoundWindow[] }>();
  try {
    for (const target of session.targets) {
      if (target.refusals[scenario.name] !== undefined) continue;
      const server = await startWarm(session, scenario, target);
      if (server !== undefined) servers.push(server);
    }
    const connections = session.isQuick ? scenario.quickConnections : scenario.connections;
    for (let round = 0; round < session.rounds && servers.length > 0; round += 1) {
      for (const count of connections) {
        for (const server of rotated(servers, round)) {
          const window = await measure(session, scenario, server, count, round);
          if (window === undefined) continue;
          const { name } = server.target;
          const cell = cells.get(`${name} ${count}`);
          if (cell === undefined)
            cells.set(`${name} ${count}`, {
              scenario: scenario.name,
              target: name,
              connections: count,
              windows: [window],
            });
          else cell.windows.push(window);
        }
        log(`  round ${round + 1}, ${count} connection${count === 1 ? "" : "s"}: ${lineOf(cells, count, round)}`);
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  // Servers with wrong replies get no figures here.
  const wrong = session.failures.filter(({ where }) => where === scenario.name).map(({ target }) => target);
  return [...cells.values()].filter(({ target }) => !wrong.includes(target));
}

async function startWarm(session: Session, scenario: Scenario, target: Target): Promise<RunningTarget | undefined> {
  let server: RunningTarget | undefined;
  try {
    server = await start(target, { folder: session.folder, flags: scenario.flags });
    await checkReply(session, scenario, server);
    if (windowPlanOf(target, scenario, 50) === "usual") {
      const seconds = session.warmUpSeconds;
      await session.load({ ...loadOf(session, scenario, server), connections: 50, seconds });
      await checkReply(session, scenario, server);
    }
    return server;
  } catch (error) {
    session.failures.push(failureOf(target, scenario.name, withLog(error, server)));
    await server?.stop();
    return undefined;
  }
}

/** Undefined if this cell is left out, or has failed. */
async function measure(
  session: Session,
  scenario: Scenario,
  server: RunningTarget,
  connections: number,
  round: number,
): Promise<RoundWindow | undefined> {
  const { target } = server;
  if (session.failures.some((failure) => failure.target === target.name && failure.where === scenario.name))
    return undefined;
  const windowPlan = windowPlanOf(target, scenario, connections);
  const isFast = windowPlan === "usual";
  const plan = isFast ? session : windowPlan;
  if (plan === "left out" || round >= plan.rounds) return undefined;
  try {
    const [window] = await Promise.all([
      session.load({ ...loadOf(session, scenario, server), connections, seconds: plan.seconds }),
      // Replies must be right under load, not only before and after.
      isFast ? delay(plan.seconds * 500).then(() => checkUnderLoad(session, scenario, server)) : undefined,
    ]);
    if (window.requests === 0) throw new Error(`no reply in ${plan.seconds} s at ${connections} connections`);
    if (isFast) await checkReply(session, scenario, server);
    // Remaining work of the last window must not slow down the next server.
    await waitForCalm(server.pid, isFast ? 30 : 200, 60_000);
    return { ...window, round };
  } catch (error) {
    session.failures.push(failureOf(target, scenario.name, withLog(error, server)));
    return undefined;
  }
}

/** Adds the end of the server's log, which says more than a refused connection. */
function withLog(error: unknown, server: RunningTarget | undefined): unknown {
  const tail = server?.logTail() ?? "";
  if (error instanceof Error && tail !== "") error.message += `\nIts log ends with:\n${tail}`;
  return error;
}

function windowPlanOf(target: Target, { name }: Scenario, connections: number): WindowPlan {
  return target.windowPlan?.(name, connections) ?? "usual";
}

function loadOf(session: Session, scenario: Scenario, server: RunningTarget) {
  return { port: server.port, request: scenario.request(conditionsOf(session, server)) };
}

/** Checks bodies. The load tool counts replies with an error, but cannot see a 200 with a wrong body. */
async function checkUnderLoad(session: Session, scenario: Scenario, server: RunningTarget): Promise<void> {
  const conditions = conditionsOf(session, server);
  const { status, body } = await ask(server.port, scenario.request(conditions));
  if (status === 200 && body !== scenario.reply(conditions)) throw new WrongReply(`under load: ${body}`);
}

/** @throws WrongReply if the right reply does not come within 5 s. */
async function checkReply(session: Session, scenario: Scenario, server: RunningTarget): Promise<void> {
  const circumstances = conditionsOf(session, server);
  const deadline = performance.now() + 5000;
  for (;;) {
    const { status, body } = await ask(server.port, scenario.request(circumstances));
    if (status === 200 && body === scenario.reply(circumstances)) return;
    // After an overload, a server may refuse requests for a moment.
    const isBusy = status === 429 || status === 503;
    if (!isBusy || performance.now() > deadline) throw new WrongReply(`${status} ${body.slice(0, 300)}`);
    await delay(50);
  }
}

function lineOf(cells: ReadonlyMap<string, Cell>, connections: number, round: number): string {
  const parts: string[] = [];
  for (const cell of cells.values()) {
    const window = cell.windows.find((each) => each.round === round);
    if (cell.connections === connections && window !== undefined) {
      parts.push(`${cell.target} ${Math.round(rateOf(window))}/s`);
    }
  }
  return parts.join(", ");
}
