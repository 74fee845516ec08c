/**
 * Which replies `dev` judges, and what it publishes about them.
 */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { exchangeSeen, replyProblemsFound, requestEnded } from "@offhook/runtime/observe";
import type { ReplyProblemsFound } from "@offhook/runtime/observe";
import type { Service } from "@offhook/runtime/service";

import { ReplyWatch } from "../../src/dev/reply-watch.ts";

const service: Service = {
  sid: "ZS",
  environmentSid: "ZE",
  folder: "/project",
  functions: [],
  assets: [],
  variables: { API_KEY: "variable-value" },
};

const call = new URLSearchParams({
  AccountSid: `AC${"0".repeat(32)}`,
  CallSid: `CA${"1".repeat(32)}`,
  CallStatus: "ringing",
  From: "+12025550123",
  To: "+12025550199",
});

interface Given {
  readonly reply?: string;
  readonly type?: string;
  readonly hasIsolate?: boolean;
  readonly moreHeaders?: readonly string[];
  readonly fields?: URLSearchParams;
}

let count = 0;

/** Publishes a request and its end, as the gateway does. */
function handle(given: Given = {}): string {
  const { reply = "<Response>\n<Say>a & b</Say></Response>", type = "text/xml", hasIsolate = true } = given;
  count += 1;
  const requestId = `RQ${String(count).padStart(32, "0")}`;
  exchangeSeen.publish({
    service: "ZS",
    requestId,
    target: "/voice",
    headers: ["Content-Type", "application/x-www-form-urlencoded; charset=UTF-8", "Host", "localhost:3000"],
    body: Buffer.from(String(given.fields ?? call)),
    reply: { headers: ["content-type", type, ...(given.moreHeaders ?? [])], body: Buffer.from(reply) },
    moments: {},
    ...(hasIsolate && { isolate: { pid: 1, invocation: 1 } }),
  });
  requestEnded.publish({
    service: "ZS",
    requestId,
    method: "POST",
    path: "/voice",
    status: 200,
    durationMs: 1,
    bytes: reply.length,
    resource: "function",
    function: "voice",
  });
  return requestId;
}

function watch(t: TestContext) {
  const found: ReplyProblemsFound[] = [];
  const listeners = new Set<() => void>();
  const watching = new ReplyWatch(service);
  const end = replyProblemsFound.subscribe((problems) => {
    found.push(problems);
    for (const listener of listeners) listener();
  });
  t.after(() => {
    watching.stop();
    end();
  });
  /** Resolves when the reply to this request was judged. Replies are judged in order. */
  const judged = async (requestId: string): Promise<ReplyProblemsFound> => {
    for (;;) {
      const one = found.find((each) => each.requestId === requestId);
      if (one !== undefined) return one;
      await new Promise<void>((resolve) => listeners.add(resolve));
    }
  };
  return { watching, found, judged };
}

test("the problems of a reply are published once, with the id of the request", async (t) => {
  const { found, judged } = watch(t);
  const requestId = handle();
  assert.equal(found.length, 0);
  assert.deepEqual(await judged(requestId), {
    service: "ZS",
    requestId,
    function: "voice",
    problems: [
      {
        number: 12100,
        level: "error",
        text: "Write & as &amp;. Twilio ends the call",
        line: 2,
        next: "Build the reply with Twilio.twiml, which escapes text and closes elements.",
      },
    ],
  });
  await judged(handle());
  assert.equal(found.length, 2);
});

test("good replies, refused requests and compressed replies are not reported", async (t) => {
  const { found, judged } = watch(t);
  handle({ reply: "<Response><Say>Hi</Say></Response>" });
  handle({ hasIsolate: false });
  handle({ moreHeaders: ["Content-Encoding", "gzip"] });
  handle({ fields: new URLSearchParams({ name: "Ada" }), type: "application/json", reply: "{}" });
  await judged(handle());
  assert.equal(found.length, 1);
});

test("secrets in the quoted parts of a reply are masked, also those of a later version of the service", async (t) => {
  const { watching, judged } = watch(t);
  const quoted = async (text: string): Promise<string | undefined> =>
    (await judged(handle({ reply: `<Response>${text}</Response>` }))).problems[0]?.text;
  assert.equal(await quoted("The key is variable-value"), '<Response> cannot contain text: "The key is •••"');
  assert.match((await quoted("another-value")) ?? "", /another-value/);
  watching.setService({ ...service, variables: { API_KEY: "another-value" } });
  assert.equal(await quoted("another-value variable-value"), '<Response> cannot contain text: "••• •••"');
});

test("the most serious problem comes first, and long lists are cut", async (t) => {
  const { judged } = watch(t);
  const reply = `<Response>${"<Nonsense/>".repeat(50)}</Response>`;
  assert.equal((await judged(handle({ reply }))).problems.length, 20);
  const plain = await judged(handle({ reply: "<Response><Say>Hi</Say></Response>", type: "text/plain" }));
  assert.equal(plain.problems[0]?.level, "error");
});

test("under load, most replies are not judged", async (t) => {
  const { found, judged } = watch(t);
  const ids = Array.from({ length: 1_000 }, () => handle());
  // The first ones are always judged.
  await judged(ids[50] ?? "");
  const last = await judged(ids.find((_, index) => index === 99) ?? "");
  assert.equal(last.requestId, ids[99]);
  assert.ok(found.length < 300, String(found.length));
});

test("nothing is published after the end", async (t) => {
  const { watching, found } = watch(t);
  handle();
  watching.stop();
  const second = watch(t);
  await second.judged(handle());
  // Only the second watch has judged a reply.
  assert.equal(found.length, 1);
});
