import { functionErrors } from "../../packages/runtime/src/ledger/functions.ts";
import { serve, until, type Site } from "../../packages/runtime/test/site.ts";
import { call, startGateway } from "../../packages/runtime/test/unit/gateway/gateway-fixture.ts";
import { testEachCode, type Provocation } from "./provocation.ts";

/** A call of a function. @param body of the handler, or a whole module. */
function called(body: string, settings: Parameters<typeof serve>[2] = {}): Provocation {
  return async (t) => {
    const site = await serve(t, { "functions/f.js": body }, settings);
    return (await site.call("/f")).headers["x-offhook-error"];
  };
}

const replying = (changes: string): Provocation =>
  called(`const response = new Twilio.Response(); ${changes}; callback(null, response);`);

async function killWhileItRuns(site: Site): Promise<unknown> {
  const lost = site.call("/f");
  await until("it runs", () => site.output.length > 0);
  process.kill(Number(site.output[0]?.text), "SIGKILL");
  return (await lost).headers["x-offhook-error"];
}

async function stopWhileItRuns(site: Site): Promise<unknown> {
  const cut = site.call("/f").catch(() => undefined);
  await until("it runs", () => site.output.length > 0);
  await site.server.kill();
  await cut;
  await until("the log knows", () => site.requests.length > 0);
  return site.requests[0]?.code;
}

testEachCode(functionErrors, {
  "handler-missing": called("exports.other = () => {};"),
  "function-load-failed": called("exports.handler = ("),
  "handler-threw": called("throw new Error('on purpose');"),
  "callback-error": called("callback(new Error('on purpose'));"),
  "handler-timed-out": called("console.log('never calls back');", { timeout: 200 }),
  "reply-not-serializable": called("const reply = {}; reply.reply = reply; callback(null, reply);"),
  "reply-too-large": called("callback(null, 'x'.repeat(2_000));", { replyLimit: 1_000 }),
  "reply-headers-too-long": replying("response.appendHeader('X-Long', 'x'.repeat(20_000))"),
  "reply-header-invalid": replying("response.appendHeader('X-Split', 'a\\r\\nb: c')"),
  "reply-status-invalid": replying("response.setStatusCode(42)"),
  "cookie-too-old": replying("response.setCookie('a', 'b', ['Max-Age=86401'])"),
  "process-exited": called("process.exit(1);"),
  "out-of-memory": called("const kept = []; for (;;) kept.push('x'.repeat(1e6) + kept.length, Buffer.alloc(1e6, 1));"),
  "isolate-crashed": async (t) => killWhileItRuns(await serve(t, { "functions/f.js": "console.log(process.pid);" })),
  "server-stopped": async (t) => stopWhileItRuns(await serve(t, { "functions/f.js": "console.log('runs');" })),
  "isolate-not-started": called("callback(null, 'hello');", { node: "/nowhere/node" }),
  "internal-error": async (t) => {
    const fixture = await startGateway(t, {
      answer: () => {
        throw new Error("a fault of ours");
      },
    });
    return (await call(fixture, "/hello")).headers["x-offhook-error"];
  },
});
