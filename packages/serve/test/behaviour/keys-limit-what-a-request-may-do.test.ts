/** Keys, roles, accounts and limits of requests, and what the audit log says about them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAccount } from "../../src/operators/accounts.ts";
import { createKey, revokeKey, type KeyOptions } from "../../src/operators/keys.ts";
import { withOffice } from "../../src/operators/office.ts";
import type { Row } from "../../src/store/schema.ts";
import { accountSid, authToken, deployNew, startHosting, type Hosting } from "../hosting.ts";

const hello = {
  kind: "Functions",
  path: "/hello",
  content: "exports.handler = (context, event, callback) => callback(null, 'hello');",
} as const;

test("a reader sees what there is, no value and no content, and changes nothing", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, build } = await deployNew(hosting, "shop", [hello]);
  const base = `/v1/Services/${service}`;
  const place = `${base}/Environments/${environment}`;
  const variable = await hosting.api("POST", `${place}/Variables`, { Key: "SECRET", Value: "hidden" });
  const reader = { credentials: await makeKey(hosting, { role: "reader" }) };
  const { body } = await hosting.api("GET", `${place}/Variables`, undefined, reader);
  assert.equal(body.variables[0].key, "SECRET");
  assert.equal(body.variables[0].value, null);
  const one = await hosting.api("GET", `${place}/Variables/${variable.body.sid}`, undefined, reader);
  assert.equal(one.body.value, null);
  const { function_versions: versions } = (await hosting.api("GET", `${base}/Builds/${build}`, undefined, reader)).body;
  const content = `${base}/Functions/${versions[0].function_sid}/Versions/${versions[0].sid}/Content`;
  assert.equal((await hosting.api("GET", content, undefined, reader)).body.content, null);
  for (const [method, path] of [
    ["POST", "/v1/Services"],
    ["POST", base],
    ["DELETE", base],
    ["DELETE", place],
    ["POST", `${place}/Variables`],
    ["DELETE", `${place}/Variables/${variable.body.sid}`],
    ["POST", `${place}/Deployments`],
    ["POST", `${base}/Builds`],
    ["POST", `${base}/Functions`],
    ["POST", `${base}/Functions/${versions[0].function_sid}/Versions`],
  ] as const) {
    const refused = await hosting.api(method, path, undefined, reader);
    assert.equal(refused.status, 403, `${method} ${path}`);
    assert.match(refused.body.message, /role reader/);
  }
  const entries = await audit(hosting);
  assert.ok(entries.some(({ actor, status }) => status === 403 && reader.credentials.startsWith(actor)));
});

test("a key for some services uses and creates those alone", async (t) => {
  const hosting = await startHosting(t);
  for (const name of ["shop", "bank"]) {
    await hosting.api("POST", "/v1/Services", { UniqueName: name, FriendlyName: name });
  }
  const key = { credentials: await makeKey(hosting, { role: "deployer", services: ["shop", "blog"] }) };
  const { body } = await hosting.api("GET", "/v1/Services", undefined, key);
  assert.deepEqual(
    body.services.map((each: { unique_name: string }) => each.unique_name),
    ["shop"],
  );
  assert.equal((await hosting.api("POST", "/v1/Services/shop", { FriendlyName: "x" }, key)).status, 200);
  const refused = await hosting.api("GET", "/v1/Services/bank", undefined, key);
  assert.equal(refused.status, 403);
  assert.match(refused.body.message, /shop, blog/);
  for (const path of ["/v1/Services/bank/Environments", "/v1/Services/bank/Functions", "/v1/Services/bank/Builds"]) {
    assert.equal((await hosting.api("GET", path, undefined, key)).status, 403, path);
  }
  assert.equal((await hosting.api("DELETE", "/v1/Services/bank", undefined, key)).status, 403);
  const create = async (name: string): Promise<number> =>
    (await hosting.api("POST", "/v1/Services", { UniqueName: name, FriendlyName: name }, key)).status;
  assert.equal(await create("blog"), 201);
  assert.equal(await create("other"), 403);
  const nothing = { credentials: await makeKey(hosting, { role: "deployer", services: [] }) };
  assert.deepEqual((await hosting.api("GET", "/v1/Services", undefined, nothing)).body.services, []);
});

test("another account's resources are not there", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, build } = await deployNew(hosting, "shop", [hello]);
  const variables = `/v1/Services/${service}/Environments/${environment}/Variables`;
  const variable = await hosting.api("POST", variables, { Key: "A", Value: "b" });
  const other = `AC${"b".repeat(32)}`;
  await withOffice(hosting.settings.dataFolder, undefined, async ({ unlocked }) => {
    await createAccount(await unlocked(), { sid: other, authToken: "another-token" });
  });
  const stranger = { credentials: `${other}:another-token` };
  assert.deepEqual((await hosting.api("GET", "/v1/Services", undefined, stranger)).body.services, []);
  // The same unique name is free in another account, and a path through the own service reaches no other's rows.
  const own = await hosting.api("POST", "/v1/Services", { UniqueName: "shop", FriendlyName: "x" }, stranger);
  assert.equal(own.status, 201);
  assert.equal((await hosting.api("GET", "/v1/Services/shop", undefined, stranger)).body.sid, own.body.sid);
  const mine = `/v1/Services/${own.body.sid}`;
  for (const [method, path] of [
    ["GET", `/v1/Services/${service}`],
    ["DELETE", `/v1/Services/${service}`],
    ["GET", `${variables}/${variable.body.sid}`],
    ["GET", `${mine}/Environments/${environment}`],
    ["DELETE", `${mine}/Environments/${environment}`],
    ["GET", `${mine}/Environments/${environment}/Variables`],
    ["GET", `${mine}/Builds/${build}`],
    ["GET", `${mine}/Builds/${build}/Status`],
  ] as const) {
    const refused = await hosting.api(method, path, undefined, stranger);
    assert.equal(refused.status, 404, `${method} ${path}`);
    assert.equal(refused.body.code, 20404);
  }
  assert.equal((await hosting.api("GET", `${variables}/${variable.body.sid}`)).body.value, "b");
});

test("expired and revoked keys, and tokens that are switched off, are refused", async (t) => {
  const hosting = await startHosting(t, { settings: { allowsAccountToken: false } });
  const status = async (credentials: string): Promise<number> =>
    (await hosting.api("GET", "/v1/Services", undefined, { credentials })).status;
  assert.equal(await status(`${accountSid}:${authToken}`), 401);
  assert.equal(await status(await makeKey(hosting, { role: "admin", expiresAt: 1 })), 401);
  const key = await makeKey(hosting, { role: "admin" });
  assert.equal(await status(key), 200);
  const [sid = ""] = key.split(":");
  const { last_used_at: lastUse } = await keyRow(hosting, sid);
  assert.ok(lastUse !== null);
  assert.equal(await status(key), 200);
  // A busy key costs one write in a minute.
  assert.equal((await keyRow(hosting, sid)).last_used_at, lastUse);
  await withOffice(hosting.settings.dataFolder, undefined, (office) => revokeKey(office, sid));
  assert.equal(await status(key), 401);
});

test("ten wrong credentials from an address end its attempts for a minute", async (t) => {
  const hosting = await startHosting(t);
  const wrong = `${hosting.key}x`;
  for (let attempt = 0; attempt < 10; attempt++) {
    const refused = await hosting.api("GET", "/v1/Services", undefined, { credentials: wrong });
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic /);
  }
  const blocked = await hosting.api("GET", "/v1/Services");
  assert.equal(blocked.status, 429);
  assert.equal(blocked.body.code, 20429);
  assert.ok(Number(blocked.headers.get("retry-after")) > 0);
  const refusals = (await audit(hosting)).filter(({ operation }) => operation === "Authenticate");
  assert.equal(refusals.length, 10);
  assert.equal(refusals[0]?.actor, hosting.key.split(":")[0]);
});

test("attempts at once count like attempts one after the other", async (t) => {
  const hosting = await startHosting(t);
  const attempts = Array.from({ length: 40 }, () =>
    hosting.api("GET", "/v1/Services", undefined, { credentials: `${hosting.key}x` }),
  );
  const statuses = (await Promise.all(attempts)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 401).length, 10);
  assert.equal(statuses.filter((status) => status === 429).length, 30);
});

test("each write is in the audit log with its result, and no value is", async (t) => {
  const hosting = await startHosting(t);
  const headers = { "user-agent": "twilio-run/5.0.1" };
  const service = await hosting.api("POST", "/v1/Services", { UniqueName: "shop", FriendlyName: "Shop" }, { headers });
  const environments = "/v1/Services/shop/Environments";
  const environment = await hosting.api("POST", environments, { UniqueName: "dev", DomainSuffix: "dev" });
  const variables = `${environments}/${environment.body.sid}/Variables`;
  await hosting.api("POST", variables, { Key: "A", Value: "value-of-the-variable" });
  await hosting.api("POST", variables, { Key: "A", Value: "value-of-the-variable" });
  await hosting.api("GET", variables);
  await hosting.api("GET", "/v1/Services", undefined, { credentials: `typed-by-mistake:secret-of-someone` });
  const entries = await audit(hosting);
  const [actor] = hosting.key.split(":");
  const created = entries.find(({ operation }) => operation === "CreateService");
  assert.equal(created?.actor, actor);
  assert.equal(created?.account_sid, accountSid);
  assert.equal(created?.user_agent, "twilio-run/5.0.1");
  assert.deepEqual(JSON.parse(created?.sids ?? ""), [service.body.sid]);
  const results = entries.filter(({ operation }) => operation === "CreateVariable").map(({ status }) => status);
  assert.deepEqual(results, [201, 409]);
  assert.ok(!entries.some(({ operation }) => operation === "ListVariables"));
  assert.equal(entries.find(({ status }) => status === 401)?.actor, "unknown");
  for (const text of ["value-of-the-variable", "typed-by-mistake", "secret-of-someone"]) {
    assert.ok(!JSON.stringify(entries).includes(text), text);
  }
});

test("quotas and the rate of requests have answers of their own", async (t) => {
  const first = await startHosting(t);
  const { quotas } = first.settings;
  const hosting = await startHosting(t, {
    settings: { quotas: { ...quotas, services: 1, environmentsPerService: 1, variableBytes: 5 } },
  });
  const { api } = hosting;
  await api("POST", "/v1/Services", { UniqueName: "shop", FriendlyName: "Shop" });
  const second = await api("POST", "/v1/Services", { UniqueName: "bank", FriendlyName: "Bank" });
  assert.equal(second.status, 400);
  assert.match(second.body.message, /less than or equal to 1/);
  const environments = "/v1/Services/shop/Environments";
  const { body } = await api("POST", environments, { UniqueName: "dev", DomainSuffix: "dev" });
  assert.equal((await api("POST", environments, { UniqueName: "production" })).status, 400);
  const variables = `${environments}/${body.sid}/Variables`;
  assert.equal((await api("POST", variables, { Key: "A", Value: "123456" })).status, 400);
  assert.equal((await api("POST", variables, { Key: "A", Value: "12345" })).status, 201);

  const slow = await startHosting(t, { settings: { quotas: { ...quotas, requestsPerSecond: 2 } } });
  // Three seconds at most pass while they are answered, or some are refused.
  const answers = await Promise.all(Array.from({ length: 30 }, () => slow.api("GET", "/v1/Services")));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0);
  assert.equal(refused[0]?.headers.get("retry-after"), "1");
  assert.ok(answers.some(({ status }) => status === 200));
});

test("a deleted environment's host name stays with its account", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, domain } = await deployNew(hosting, "shop", [hello]);
  const environments = `/v1/Services/${service}/Environments`;
  assert.equal((await hosting.api("DELETE", `${environments}/${environment}`)).status, 204);
  assert.equal((await hosting.call(domain, "/hello")).status, 404);
  const again = await hosting.api("POST", environments, { UniqueName: "dev-environment", DomainSuffix: "dev" });
  assert.equal(again.status, 201);
  assert.equal(again.body.domain_name, domain);
  assert.equal((await hosting.api("DELETE", `/v1/Services/${service}`)).status, 204);
  assert.equal((await hosting.call(domain, "/hello")).status, 404);
});

test("a changed variable, and changed credentials, reach the functions", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, domain } = await deployNew(hosting, "shop", [
    {
      ...hello,
      content:
        "exports.handler = (c, event, callback) => callback(null, `${c.GREETING} ${c.AUTH_TOKEN !== undefined}`);",
    },
  ]);
  const variables = `/v1/Services/${service}/Environments/${environment}/Variables`;
  const { body } = await hosting.api("POST", variables, { Key: "GREETING", Value: "hello" });
  await answers("hello true");
  await hosting.api("POST", `${variables}/${body.sid}`, { Value: "goodbye" });
  await answers("goodbye true");
  await hosting.api("POST", `/v1/Services/${service}`, { IncludeCredentials: "false" });
  await answers("goodbye false");
  await hosting.api("DELETE", `${variables}/${body.sid}`);
  await answers("undefined false");

  // The change reaches the functions soon after the reply.
  async function answers(wanted: string): Promise<void> {
    while ((await hosting.call(domain, "/hello")).text !== wanted) await new Promise(setImmediate);
  }
});

async function makeKey({ settings }: Hosting, options: Omit<KeyOptions, "accountSid">): Promise<string> {
  return await withOffice(settings.dataFolder, undefined, async (office) => {
    const { key, secret } = await createKey(office, { accountSid, ...options });
    return `${key}:${secret}`;
  });
}

async function audit({ settings }: Hosting): Promise<Row<"audit">[]> {
  return await withOffice(settings.dataFolder, undefined, ({ store }) =>
    store.selectFrom("audit").selectAll().orderBy("id").execute(),
  );
}

async function keyRow({ settings }: Hosting, sid: string): Promise<Row<"api_key">> {
  return await withOffice(settings.dataFolder, undefined, ({ store }) =>
    store.selectFrom("api_key").selectAll().where("sid", "=", sid).executeTakeFirstOrThrow(),
  );
}
