import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { test, type TestContext } from "node:test";
import { heldFunction, release } from "../overlap.ts";
import { serve, until } from "../site.ts";

const minuteMs = 60_000;
const yearMs = 365 * 24 * 60 * minuteMs;

/** The system clock of the gateway, set by the test. Isolates have their own clock. */
function takeClock(t: TestContext): (byMs: number) => void {
  const RealDate = Date;
  let aheadMs = 0;
  globalThis.Date = class extends RealDate {
    constructor(...args: [] | [number]) {
      if (args.length === 0) super(RealDate.now() + aheadMs);
      else super(...args);
    }
    static override now(): number {
      return RealDate.now() + aheadMs;
    }
  } as DateConstructor;
  t.after(() => void (globalThis.Date = RealDate));
  return (byMs) => void (aheadMs += byMs);
}

const jumps = {
  "an hour ahead": 60 * minuteMs,
  "an hour back": -60 * minuteMs,
  "years ahead": 10 * yearMs,
  "years back": -60 * yearMs,
};

for (const [name, byMs] of Object.entries(jumps)) {
  test(`a clock that jumps ${name} changes no deadline, no place in the queue and no connection`, async (t) => {
    const jump = takeClock(t);
    const site = await serve(
      t,
      {
        "functions/pid.js": "callback(null, process.pid)",
        "functions/wait.js": heldFunction("'waited'"),
        "functions/hang.js": "console.log('begun')",
      },
      { timeout: 1_000, concurrency: 1, queueTimeout: 5_000, idleTimeout: 60_000 },
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const port = await askPort(agent, site.url);
    const { text: isolate } = await site.call("/pid");

    const running = site.call("/wait");
    await until("it runs", () => site.output.length === 1);
    const waiting = site.call("/pid");
    jump(byMs);
    await release(site.folder);
    assert.equal((await running).text, "waited");
    assert.equal((await waiting).status, 200);

    const startedAt = performance.now();
    const hung = site.call("/hang");
    await until("it runs", () => site.output.length === 2);
    jump(byMs);
    assert.equal((await hung).status, 504);
    assert.ok(performance.now() - startedAt > 950, "its time was its own");

    assert.equal(await askPort(agent, site.url), port, "the connection was kept");
    assert.equal((await site.call("/pid")).status, 200);
    assert.ok(!site.ended.some(({ reason }) => reason === "idle"), `isolate ${isolate} was not idle for so long`);
  });
}

/** Asks for the health. Returns the client's port, which is the same as before if the connection is the same. */
function askPort(agent: Agent, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${url}/_offhook/health`, { agent }, (response) => {
      const { localPort } = response.socket;
      response.resume().on("end", () => resolve(localPort));
    }).on("error", reject);
  });
}
