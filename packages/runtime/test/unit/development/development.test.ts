import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Development } from "../../../src/development/development.ts";
import type { Exchange } from "../../../src/gateway/exchange.ts";
import { Gate } from "../../../src/gateway/gate.ts";
import type { FailedOutcome, Invocation, Invoker, Outcome, ReplyOutcome } from "../../../src/pool/invocation.ts";

const service = {
  sid: "ZS00000000000000000000000000000000",
  environmentSid: "ZE00000000000000000000000000000000",
  folder: "/nowhere",
  functions: [],
  assets: [{ kind: "asset", path: "/index.html", file: "/nowhere/index.html", visibility: "public" } as const],
  variables: {},
};
const invocation = { requestId: "RQ1", function: "slow", isAbandoned: false } as Invocation;
const timedOut: FailedOutcome = { kind: "failed", code: "handler-timed-out", running: 1 };
const threw: FailedOutcome = {
  kind: "failed",
  code: "function-load-failed",
  error: { name: "TypeError", message: "<b>", stack: "TypeError: <b>\n    at f (/nowhere/f.js:1:1)" },
  running: 1,
};

function developmentOf(t: TestContext, isAuthorCalling: boolean): Development {
  const development = new Development({ service: () => service, diagnosisDetail: "all", isAuthorCalling });
  t.after(() => development.stop());
  return development;
}

function exchangeOf(accept = "*/*"): Exchange {
  const headers = { accept, host: "localhost:3000" };
  const socket = { remoteAddress: "127.0.0.1" };
  const request = { method: "GET", url: "/slow", headers, rawHeaders: ["Accept", accept], socket };
  return {
    request,
    query: "",
    body: Buffer.alloc(0),
    requestId: "RQ1",
    path: "/slow",
    target: "/slow",
    invocation,
  } as unknown as Exchange;
}

test("replies to the author have stack and hints, as JSON or as a page", (t) => {
  const development = developmentOf(t, true);
  const { content } = development.reportFailure(exchangeOf(), threw);
  assert.equal(content?.type, "application/json");
  assert.deepEqual(JSON.parse(content.text), {
    message: "<b>",
    name: "TypeError",
    stack: threw.error?.stack,
  });
  const page = development.reportFailure(exchangeOf("text/html"), threw).content;
  assert.match(page?.type ?? "", /^text\/html/);
  assert.match(page?.text ?? "", /<h1>TypeError: &lt;b&gt;<\/h1>/);
  assert.equal(page?.headers?.[0], "content-security-policy");
  const timeout = development.reportFailure(exchangeOf(), timedOut);
  assert.equal(timeout.hints.length, 1);
  assert.deepEqual(JSON.parse(timeout.content?.text ?? "").hints, timeout.hints);
});

test("if the author only reads the log, hints go to the log and replies are those of production", (t) => {
  const development = developmentOf(t, false);
  for (const accept of ["*/*", "text/html"]) {
    const { hints, content } = development.reportFailure(exchangeOf(accept), timedOut);
    assert.equal(hints.length, 1);
    assert.equal(content, undefined);
  }
  const reply: ReplyOutcome = { kind: "reply", status: 500, headers: [], body: Buffer.from("bad"), running: 1 };
  assert.equal(development.detailOf(reply), undefined);
  assert.equal(developmentOf(t, true).detailOf(reply), "bad");
  const pool: Invoker = { invoke: async () => timedOut, abandon: () => undefined };
  assert.equal(development.invokerOf(pool, new Gate()), pool);
});

test("only refusals that can surprise an author have hints", (t) => {
  const development = developmentOf(t, true);
  assert.match(development.hintsOfRefusal("not-found", "/")[0]?.text ?? "", /^\/ serves/);
  assert.match(development.hintsOfRefusal("websocket-unsupported", "/a")[0]?.text ?? "", /WebSockets/);
  assert.deepEqual(development.hintsOfRefusal("not-found", "/a"), []);
  assert.deepEqual(development.hintsOfRefusal("method-not-allowed", "/"), []);
});

test("diagnoses of an attempt that did not load are dropped before the next attempt", async (t) => {
  const development = developmentOf(t, true);
  const gate = new Gate();
  const stack = "Error\n    at load (/nowhere/f.js:1:1)";
  let attempts = 0;
  const pool: Invoker = {
    invoke: async (): Promise<Outcome> => {
      attempts += 1;
      if (attempts > 1) return timedOut;
      development.onDiagnosis(invocation, {
        kind: "diagnosis",
        id: 1,
        state: "computing",
        stacks: [stack],
        notes: [],
      });
      assert.match(development.reportFailure(exchangeOf(), timedOut).hints[0]?.text ?? "", /was still computing/);
      gate.close()();
      return threw;
    },
    abandon: () => undefined,
  };
  const outcome = await development.invokerOf(pool, gate).invoke(invocation);
  assert.deepEqual([attempts, outcome], [2, timedOut]);
  const { hints } = development.reportFailure(exchangeOf(), timedOut);
  assert.deepEqual(
    hints.filter(({ text }) => /computing/.test(text)),
    [],
  );
});
