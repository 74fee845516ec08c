import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { until } from "../packages/runtime/test/site.ts";
import { startOffhook } from "./offhook-process.ts";
import { notFound, startTwilioApi, tooManyRequests, twilioError, type TwilioApi } from "./twilio-api.ts";

const account = `AC${"0".repeat(31)}1`;
const conversationSid = `CH${"0".repeat(31)}2`;
const conversationPath = `/v1/Conversations/${conversationSid}`;
const conversation = `conversations.twilio.com${conversationPath}`;
const messages = `api.twilio.com/2010-04-01/Accounts/${account}/Messages.json`;

/** Ordinary functions, except that they show details of errors. */
const functions = {
  "conversation.js": `
    const { fetchConversation } = require(Runtime.getFunctions()["fetching"].path);
    exports.handler = async function (context, event, callback) {
      try {
        callback(null, await fetchConversation(context, event));
      } catch ({ name, status, code, message, moreInfo }) {
        callback(null, { name, status, code, message, moreInfo });
      }
    };`,
  "again.js": `
    const { fetchConversation } = require(Runtime.getFunctions()["fetching"].path);
    exports.handler = async function (context, event, callback) {
      const seen = [];
      while (true) {
        try {
          return callback(null, { seen, ...(await fetchConversation(context, event)) });
        } catch ({ status }) {
          seen.push(status);
          if (status !== 429) return callback(null, { seen });
        }
      }
    };`,
  "fetching.private.js": `
    exports.fetchConversation = async (context, event) => {
      const { sid, friendlyName } = await context.getTwilioClient().conversations.v1.conversations(event.Sid).fetch();
      return { sid, friendlyName };
    };`,
  "message.js": `
    exports.handler = async function (context, event, callback) {
      const { To: to, From: from, Body: body } = event;
      const message = await context.getTwilioClient().messages.create({ to, from, body });
      callback(null, { sid: message.sid, status: message.status });
    };`,
  "raw.js": `
    exports.handler = async function (context, event, callback) {
      const { method, uri } = event;
      const { statusCode, headers, body } = await context.getTwilioClient().request({ method, uri });
      callback(null, { statusCode, retryAfter: headers["retry-after"], body });
    };`,
};

interface Site {
  readonly api: TwilioApi;
  readonly folder: string;
  /** The JSON of a function's reply to a form. */
  call(path: string, form?: Record<string, string>): Promise<unknown>;
}

async function serve(t: TestContext): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-twilio-"));
  t.after(() => rm(folder, { recursive: true }));
  // Isolates may have their own user.
  await chmod(folder, 0o755);
  const api = await startTwilioApi({ folder });
  t.after(() => api.close());
  await mkdir(join(folder, "functions"));
  for (const [name, code] of Object.entries(functions)) await writeFile(join(folder, "functions", name), code);
  const variables = { ACCOUNT_SID: account, AUTH_TOKEN: "secret", ...api.variables };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, ".env"), lines.join(""));
  // Loading the package takes seconds on a busy machine.
  const offhook = await startOffhook(folder, { flags: ["--timeout", "60s"] });
  t.after(() => offhook.stop());
  return {
    api,
    folder,
    async call(path, form = { Sid: conversationSid }) {
      const answer = await fetch(offhook.url + path, { method: "POST", body: new URLSearchParams(form) });
      const text = await answer.text();
      assert.equal(answer.status, 200, `${text} ${JSON.stringify(offhook.log)}`);
      return JSON.parse(text) as unknown;
    },
  };
}

const found = { body: { sid: conversationSid, friendly_name: "Front desk" } };

test("the unchanged twilio package of a function talks to the stand-in", async (t) => {
  const { api, folder, call } = await serve(t);

  await t.test("a conversation is fetched, with the credentials of the service", async () => {
    api.on("GET", conversation, found);
    assert.deepEqual(await call("/conversation"), { sid: conversationSid, friendlyName: "Front desk" });
    const [request] = api.requests;
    assert.equal(`${request?.method} ${request?.host}${request?.path}`, `GET ${conversation}`);
    const credentials = Buffer.from(`${account}:secret`).toString("base64");
    assert.equal(request?.headers.authorization, `Basic ${credentials}`);
  });

  await t.test("a message is created, from the form that the package sends", async () => {
    api.on("POST", messages, ({ form }) => ({
      status: 201,
      body: { sid: "SM1", status: "queued", to: form.get("To"), date_created: null },
    }));
    const form = { To: "+15550100001", From: "+15550100002", Body: "Ünïcode & more" };
    assert.deepEqual(await call("/message", form), { sid: "SM1", status: "queued" });
    assert.deepEqual(Object.fromEntries(api.requests.at(-1)?.form ?? []), form);
  });

  await t.test("the package turns Twilio's error into its own", async () => {
    api.on("GET", conversation, twilioError(403, 20003, "Permission Denied"));
    assert.deepEqual(await call("/conversation"), {
      name: "Error",
      status: 403,
      code: 20003,
      message: "Permission Denied",
      moreInfo: "https://www.twilio.com/docs/errors/20003",
    });
    api.on("GET", conversation, ({ path }) => notFound(path));
    const { status, code } = (await call("/conversation")) as Record<string, unknown>;
    assert.deepEqual({ status, code }, { status: 404, code: 20404 });
  });

  await t.test("a request without a route gets a 404", async () => {
    const Sid = `CH${"0".repeat(31)}3`;
    assert.deepEqual(await call("/conversation", { Sid }), {
      name: "Error",
      status: 404,
      code: 20404,
      message: `The requested resource /v1/Conversations/${Sid} was not found`,
      moreInfo: "https://www.twilio.com/docs/errors/20404",
    });
  });

  await t.test("the answers of a list are used one by one, and the last one is repeated", async () => {
    const before = api.requests.length;
    api.on("GET", /^conversations\.twilio\.com\/v1\/Conversations\/CH/, [tooManyRequests(1), tooManyRequests(), found]);
    const expected = { sid: conversationSid, friendlyName: "Front desk" };
    assert.deepEqual(await call("/again"), { seen: [429, 429], ...expected });
    assert.deepEqual(await call("/again"), { seen: [], ...expected });
    assert.equal(api.requests.length - before, 4);
  });

  await t.test("a closed connection is a connection error", async () => {
    const before = api.requests.length;
    api.on("GET", conversation, "hang-up");
    const { code, status } = (await call("/conversation")) as Record<string, unknown>;
    assert.equal(code, "ECONNRESET");
    assert.equal(status, undefined);
    assert.equal(api.requests.length - before, 1);
  });

  await t.test("headers and text arrive unchanged, for each of Twilio's host names", async () => {
    api.on("POST", /^iam\.ie1\.twilio\.com\/v1\//, { status: 503, headers: { "retry-after": "2" }, body: "busy" });
    const request = { method: "POST", uri: "https://iam.ie1.twilio.com/v1/Tokens/validate?a=1" };
    assert.deepEqual(await call("/raw", request), { statusCode: 503, retryAfter: "2", body: "busy" });
    assert.equal(api.requests.at(-1)?.query.get("a"), "1");
  });

  await t.test("a route that throws says so in its answer", async () => {
    api.on("GET", conversation, () => assert.fail("not this one"));
    const { status, message } = (await call("/conversation")) as Record<string, unknown>;
    assert.equal(status, 500);
    assert.match(String(message), /not this one/);
  });

  await t.test("requests for other hosts are refused, not passed on", async () => {
    const before = api.requests.length;
    const answer = (await call("/raw", { method: "GET", uri: "https://example.com/" })) as { statusCode: number };
    assert.equal(answer.statusCode, 502);
    assert.equal(api.requests.length, before);
  });

  await t.test("no private key is left on the disk", async () => {
    assert.deepEqual((await readdir(folder)).toSorted(), [".env", "functions", "twilio-api.pem"]);
  });
});

test("a stand-in that closes ends pending requests", async (t) => {
  const { api, call } = await serve(t);
  api.on("GET", conversation, "stall");
  const answer = call("/conversation");
  await until("the request has arrived", () => api.requests.length === 1);
  await api.close();
  assert.equal(((await answer) as { code?: unknown }).code, "ECONNRESET");
  // Closing twice is allowed, because a test may close the stand-in early.
  await api.close();
  await assert.rejects(fetch(api.variables.HTTP_PROXY), TypeError);
});

test("a refusal has Retry-After if seconds are given", () => {
  assert.deepEqual(tooManyRequests(2).headers, { "retry-after": "2" });
  assert.deepEqual(tooManyRequests().headers, {});
});
