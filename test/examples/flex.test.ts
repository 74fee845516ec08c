import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startTokenService, type TokenService } from "@offhook/helpers/testing";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";
import { copyProject, type TemporaryProject } from "../temporary-project.ts";
import { notFound, startTwilioApi, tooManyRequests, twilioError, type TwilioApi } from "../twilio-api.ts";

const accountSid = `AC${randomUUID().replaceAll("-", "")}`;
const authToken = "not-a-real-token";
const workspace = `WS${"0".repeat(32)}`;

let api: TwilioApi;
let tokens: TokenService;
let shop: Server;
/** Status of the shop's next answers. 200 if the list is empty. */
const shopAnswers: number[] = [];
let project: TemporaryProject;
let offhook: OffhookProcess;

before(async () => {
  project = await copyProject("examples/flex");
  api = await startTwilioApi({ folder: project.folder });
  tokens = await startTokenService({ accountSid, authToken });
  shop = createServer((request, response) => {
    response.writeHead(shopAnswers.shift() ?? 200).end(JSON.stringify({ at: request.url, state: "shipped" }));
  });
  shop.listen(0, "127.0.0.1");
  await once(shop, "listening");
  const env = await readFile(join(project.folder, ".env"), "utf8");
  const variables = {
    ...api.variables,
    ...tokens.variables(),
    ORDERS_URL: `http://127.0.0.1:${(shop.address() as AddressInfo).port}`,
    TWILIO_SERVICE_MIN_BACKOFF: "1",
    TWILIO_SERVICE_MAX_BACKOFF: "5",
  };
  await project.write(
    ".env",
    `${env}\n${Object.entries(variables)
      .map((pair) => pair.join("="))
      .join("\n")}\n`,
  );
  offhook = await startOffhook(project.folder);
});
after(async () => {
  await offhook.stop();
  shop.closeAllConnections();
  shop.close();
  await Promise.all([api.close(), tokens.close(), project[Symbol.asyncDispose]()]);
  for (const suffix of ["", "-wal", "-shm"]) {
    await rm(join(tmpdir(), `callbacks-${accountSid}.sqlite${suffix}`), { force: true });
  }
});

/** Calls like a Flex plugin: a form with the worker's token. */
function fromPlugin(path: string, parameters: Record<string, string>): Promise<Response> {
  return fetch(offhook.url + path, { method: "POST", body: new URLSearchParams(parameters) });
}

/** Calls like Studio: a signed form. */
function fromStudio(path: string, parameters: Record<string, string>): Promise<Response> {
  const sorted = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const signature = createHmac("sha1", authToken)
    .update(offhook.url + path + sorted.flat().join(""))
    .digest("base64");
  return fetch(offhook.url + path, {
    method: "POST",
    body: new URLSearchParams(parameters),
    headers: { "x-twilio-signature": signature },
  });
}

const conversation = /^conversations\.twilio\.com\/v1\/Conversations\/CH/;

test("a worker closes a conversation", async () => {
  api.on("POST", conversation, (request) => ({
    body: { sid: request.path.split("/").at(-1), state: request.form.get("State") },
  }));
  const Token = tokens.issue();
  const reply = await fromPlugin("/flex/close-conversation", { Token, conversationSid: "CH1" });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get("access-control-allow-origin"), "*");
  assert.deepEqual(await reply.json(), { success: true, state: "closed" });
});

test("requests that Twilio is too busy for are retried, and refusals are passed on", async () => {
  const Token = tokens.issue();
  api.on("POST", conversation, [tooManyRequests(), twilioError(503, 20503, "Busy"), { body: { state: "closed" } }]);
  const asked = api.requests.length;
  const closed = await fromPlugin("/flex/close-conversation", { Token, conversationSid: "CH2" });
  assert.deepEqual(await closed.json(), { success: true, state: "closed" });
  assert.equal(api.requests.length, asked + 3);
  await offhook.logged((line) =>
    String(line["message"]).includes("retrying /flex/close-conversation.() after 1 retry attempt, "),
  );
  api.on("POST", conversation, notFound("/v1/Conversations/CH3"));
  const missing = await fromPlugin("/flex/close-conversation", { Token, conversationSid: "CH3" });
  assert.equal(missing.status, 404);
  const { message, ...rest } = (await missing.json()) as Record<string, unknown>;
  assert.match(String(message), /CH3 was not found/);
  assert.deepEqual(rest, {
    success: false,
    twilioErrorCode: 20404,
    twilioDocPage: "https://www.twilio.com/docs/errors/20404",
  });
});

test("a broken connection is retried", async () => {
  api.on("POST", conversation, ["hang-up", { body: { state: "closed" } }]);
  const reply = await fromPlugin("/flex/close-conversation", { Token: tokens.issue(), conversationSid: "CH4" });
  assert.deepEqual(await reply.json(), { success: true, state: "closed" });
});

test("callers without access get plain text, workers who forget a parameter get JSON", async () => {
  const stranger = await fromPlugin("/flex/close-conversation", { Token: "guessed", conversationSid: "CH1" });
  assert.equal(stranger.status, 403);
  assert.match(stranger.headers.get("content-type") ?? "", /^plain\/text/);
  assert.equal(await stranger.text(), "Invalid Access Token");
  const nobody = await fromPlugin("/flex/close-conversation", {});
  assert.equal(await nobody.text(), "Unauthorized: Token was not provided");
  const worker = await fromPlugin("/flex/close-conversation", { Token: tokens.issue() });
  assert.equal(worker.status, 400);
  assert.deepEqual(await worker.json(), {
    data: null,
    message: "(/flex/close-conversation) Missing conversationSid: the conversation to close",
  });
});

test("only supervisors set the activity of other workers", async () => {
  const worker = `taskrouter.twilio.com/v1/Workspaces/${workspace}/Workers/WK1`;
  api.on("POST", worker, (request) => ({ body: { activity_name: request.form.get("ActivitySid") } }));
  const parameters = { workerSid: "WK1", activitySid: "WA1" };
  const agent = await fromPlugin("/flex/set-activity", { Token: tokens.issue(), ...parameters });
  assert.equal(agent.status, 403);
  assert.equal(await agent.text(), "Forbidden: this requires the role admin or supervisor");
  const Token = tokens.issue({ identity: "ada", roles: ["supervisor"] });
  const reply = await fromPlugin("/flex/set-activity", { Token, ...parameters });
  assert.equal(reply.headers.get("content-type"), "application/json");
  assert.deepEqual(await reply.json(), { success: true, activity: "WA1", setBy: "ada" });
});

test("a request that cannot be done in time gets a reply with Retry-After", async () => {
  const worker = `taskrouter.twilio.com/v1/Workspaces/${workspace}/Workers/WK2`;
  api.on("POST", worker, tooManyRequests(30));
  const Token = tokens.issue({ roles: ["admin"] });
  const reply = await fromPlugin("/flex/set-activity", { Token, workerSid: "WK2", activitySid: "WA1" });
  assert.equal(reply.status, 429);
  assert.equal(reply.headers.get("retry-after"), "30");
  assert.equal(((await reply.json()) as { twilioErrorCode: number }).twilioErrorCode, 20429);
});

test("a call back is created once for each call", async () => {
  const tasks = `taskrouter.twilio.com/v1/Workspaces/${workspace}/Tasks`;
  let created = 0;
  api.on("POST", tasks, () => {
    created += 1;
    return { body: { sid: `WT${created}` } };
  });
  const parameters = { callSid: "CA1", phone: "+12025550123" };
  const first = await fromStudio("/studio/create-callback", parameters);
  assert.deepEqual(await first.json(), { success: true, taskSid: "WT1" });
  const again = await fromStudio("/studio/create-callback", parameters);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(await again.json(), { success: true, taskSid: "WT1" });
  await fromStudio("/studio/create-callback", { ...parameters, callSid: "CA2" });
  assert.equal(created, 2);
});

test("requests to a busy shop are retried", async () => {
  shopAnswers.push(503, 429);
  const reply = await fromStudio("/studio/order-status", { order: "A/1" });
  assert.deepEqual(await reply.json(), { success: true, order: { at: "/orders/A%2F1", state: "shipped" } });
  shopAnswers.push(404);
  const missing = await fromStudio("/studio/order-status", { order: "A2" });
  assert.equal(missing.status, 404);
  assert.deepEqual(await missing.json(), { success: false, message: "The shop answered 404" });
});

test("all invocations left their isolates reusable", async () => {
  const ended = offhook.log.filter((line) => line["event"] === "isolate-ended");
  assert.deepEqual(ended, []);
});
