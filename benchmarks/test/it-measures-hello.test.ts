import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ask } from "../src/client.ts";
import { findLoadTool, loadBy, rateOf, type Load } from "../src/load.ts";
import { canMeasureMemory, memoryOf } from "../src/memory.ts";
import { treeOf } from "../src/process-tree.ts";
import { createRunFolder } from "../src/run-folder.ts";
import { start } from "../src/running-target.ts";
import { runScenario } from "../src/scenario-run.ts";
import { scenarioOf, type Scenario } from "../src/scenarios.ts";
import type { Session } from "../src/session.ts";
import { nodeHttp } from "../src/targets/node-http.ts";
import { offhook } from "../src/targets/offhook.ts";

const tool = findLoadTool();

/** Sends one request after the other, in case no load tool is installed. */
const oneByOne: Load = async ({ port, request, seconds }) => {
  const began = performance.now();
  let requests = 0;
  let statusErrors = 0;
  while (performance.now() - began < seconds * 1000) {
    const { status } = await ask(port, request);
    requests += 1;
    if (status !== 200) statusErrors += 1;
  }
  const elapsed = (performance.now() - began) / 1000;
  return { seconds: elapsed, requests, statusErrors, socketErrors: 0, p50Us: 1, p99Us: 1, maxUs: 1 };
};

/** A session of two short rounds, in a folder that is removed afterwards. */
async function inSession(use: (session: Session) => Promise<void>): Promise<void> {
  const folder = createRunFolder(false);
  try {
    await use({
      folder,
      load: tool === undefined ? oneByOne : loadBy(tool),
      burn: { rounds: 1, result: 1 },
      targets: [nodeHttp, offhook],
      rounds: 2,
      seconds: 0.2,
      warmUpSeconds: 0.2,
      isQuick: true,
      failures: [],
    });
  } finally {
    folder.remove();
  }
}

test("hello is measured on node:http and on Offhook", async () => {
  await inSession(async (session) => {
    const cells = await runScenario(session, { ...scenarioOf("hello"), quickConnections: [1, 10] });
    assert.deepEqual(session.failures, []);
    assert.deepEqual(cells.map(({ target, connections }) => `${target} ${connections}`).toSorted(), [
      "node-http 1",
      "node-http 10",
      "offhook 1",
      "offhook 10",
    ]);
    for (const { windows } of cells) {
      assert.deepEqual(
        windows.map(({ round }) => round),
        [0, 1],
      );
      for (const window of windows) {
        assert.ok(rateOf(window) > 1, JSON.stringify(window));
        assert.ok(window.seconds > 0 && window.seconds < 60, JSON.stringify(window));
        assert.equal(window.statusErrors + window.socketErrors, 0);
        assert.ok(window.p50Us > 0 || tool === "autocannon", JSON.stringify(window));
      }
    }
  });
});

test("a server with wrong replies has no figures, and the run continues", async () => {
  await inSession(async (session) => {
    const hello = scenarioOf("hello");
    const wrong: Scenario = { ...hello, quickConnections: [1], reply: () => '{"hello":"Grace"}' };
    assert.deepEqual(await runScenario(session, wrong), []);
    assert.deepEqual(
      session.failures.map(({ target, isWrongReply }) => ({ target, isWrongReply })),
      [
        { target: "node-http", isWrongReply: true },
        { target: "offhook", isWrongReply: true },
      ],
    );
  });
});

test("a server that does not start is reported with the end of its log", async () => {
  await inSession(async ({ folder }) => {
    const broken = {
      ...nodeHttp,
      command: () => ({ program: process.execPath, args: ["-e", "throw new Error('no port today')"], environment: {} }),
    };
    await assert.rejects(start(broken, { folder }), /node:http ended[\s\S]*no port today/);
  });
});

test("a server is ended together with its child processes", async () => {
  await inSession(async ({ folder }) => {
    const server = await start(offhook, { folder });
    const pids = treeOf(server.pid);
    assert.ok(pids.length > 1, "the gateway and an isolate");
    if (canMeasureMemory) {
      const { root, others, children } = memoryOf(server.pid);
      assert.ok(root > 1e6 && others > 1e6 && children >= 1, JSON.stringify({ root, others, children }));
    }
    await server.stop();
    const deadline = performance.now() + 5000;
    while (pids.some(isAlive) && performance.now() < deadline) await delay(10);
    assert.deepEqual(pids.filter(isAlive), []);
  });
});

function isAlive(pid: number): boolean {
  return treeOf(pid).length > 0;
}
