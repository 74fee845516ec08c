import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Warming } from "../../../src/host/warming.ts";

async function stateOf({ done }: Warming): Promise<string> {
  const pending = new Promise<string>((resolve) => setImmediate(() => resolve("pending")));
  return await Promise.race([
    done.then(
      () => "done",
      (error: Error) => error.message,
    ),
    pending,
  ]);
}

function start(t: TestContext, count: number): Warming {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  return new Warming(count);
}

test("warming is done when the wanted number of isolates is ready", async (t) => {
  const warming = start(t, 3);
  warming.onReady();
  warming.onReady();
  assert.equal(await stateOf(warming), "pending");
  warming.onReady();
  assert.equal(await stateOf(warming), "done");
});

test("after the first isolate is ready, warming waits a few seconds for the others", async (t) => {
  const warming = start(t, 3);
  t.mock.timers.tick(59_000);
  warming.onReady();
  t.mock.timers.tick(4_000);
  assert.equal(await stateOf(warming), "pending");
  t.mock.timers.tick(1_000);
  assert.equal(await stateOf(warming), "done");
});

test("warming fails if no isolate is ready within a minute", async (t) => {
  const warming = start(t, 1);
  t.mock.timers.tick(59_999);
  assert.equal(await stateOf(warming), "pending");
  t.mock.timers.tick(1);
  assert.match(await stateOf(warming), /: no isolate was ready within 60 s$/);
});

test("the first failure or success of warming counts", async (t) => {
  const failed = start(t, 1);
  failed.fail(new Error("no such program"));
  failed.onReady();
  assert.equal(await stateOf(failed), "no such program");
  t.mock.timers.reset();
  const done = start(t, 1);
  done.onReady();
  done.fail(new Error("too late"));
  assert.equal(await stateOf(done), "done");
});
