/** Deployments while callers keep calling: contract rows 169 to 171. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addVersion, build, buildOf, deployNew, startHosting, type NewVersion } from "../hosting.ts";

function answers(text: string): NewVersion[] {
  return [
    { kind: "Functions", path: "/one", content: `exports.handler = (c, e, cb) => cb(null, '${text}');` },
    {
      kind: "Functions",
      path: "/slow",
      content: `exports.handler = (c, e, cb) => setTimeout(cb, 300, null, '${text}');`,
    },
  ];
}

test("under load no request fails, and none gets an old answer after the deployment was acknowledged", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, domain, build: first } = await deployNew(hosting, "shop", answers("0"));
  const builds = [first];
  for (const name of ["1", "2"]) builds.push(await buildOf(hosting, service, answers(name)));
  const state = { acknowledged: 0, isOver: false, calls: 0 };
  const callers = Array.from({ length: 6 }, async (_, index) => {
    while (!state.isOver) {
      const before = state.acknowledged;
      const { status, text } = await hosting.call(domain, index === 0 ? "/slow" : "/one");
      state.calls += 1;
      assert.equal(status, 200, text);
      assert.ok(Number(text) >= before, `${text} was answered after ${before} was acknowledged`);
    }
  });
  for (const number of [1, 2]) {
    const path = `/v1/Services/${service}/Environments/${environment}/Deployments`;
    const { status } = await hosting.api("POST", path, { BuildSid: builds[number] ?? "" });
    assert.equal(status, 201);
    state.acknowledged = number;
    const enough = state.calls + 30;
    await until(() => Promise.resolve(state.calls >= enough));
  }
  state.isOver = true;
  await Promise.all(callers);
  // Rollback: an old build is deployed like a new one.
  await hosting.api("POST", `/v1/Services/${service}/Environments/${environment}/Deployments`, { BuildSid: first });
  assert.equal((await hosting.call(domain, "/one")).text, "0");
});

test("a build that cannot start fails with its reason, and the old one stays in service", async (t) => {
  const hosting = await startHosting(t, { settings: { nodes: { node24: process.execPath, node22: "/nowhere/node" } } });
  const { service, environment, domain } = await deployNew(hosting, "shop", answers("old"));
  const version = await addVersion(hosting, service, {
    kind: "Functions",
    path: "/one",
    content: "exports.handler = (c, e, cb) => cb(null, 'new');",
  });
  const broken = await build(hosting, service, { FunctionVersions: version, Runtime: "node22" });
  assert.equal(broken.body.status, "failed");
  const path = `/v1/Services/${service}/Environments/${environment}/Deployments`;
  for (const [BuildSid, why] of [
    [broken.body.sid, /The build ZB[0-9a-f]{32} failed\. ./],
    [`ZB${"0".repeat(32)}`, /names no build/],
    ["nonsense", /names no build/],
  ] as const) {
    const refused = await hosting.api("POST", path, { BuildSid });
    assert.equal(refused.status, 400);
    assert.match(refused.body.message, why);
  }
  assert.equal((await hosting.call(domain, "/one")).text, "old");
});

test("later requests see changed variables, without a deployment", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, domain } = await deployNew(hosting, "shop", [
    {
      kind: "Functions",
      path: "/one",
      content: "exports.handler = (c, e, cb) => cb(null, String(c.WORD) + c.ACCOUNT_SID);",
    },
  ]);
  assert.match((await hosting.call(domain, "/one")).text, /^undefinedAC/);
  const path = `/v1/Services/${service}/Environments/${environment}`;
  const { body } = await hosting.api("POST", `${path}/Variables`, { Key: "WORD", Value: "first" });
  await until(async () => (await hosting.call(domain, "/one")).text.startsWith("first"));
  await hosting.api("POST", `${path}/Variables/${body.sid}`, { Value: "second" });
  await until(async () => (await hosting.call(domain, "/one")).text.startsWith("second"));
  await hosting.api("POST", `/v1/Services/${service}`, { IncludeCredentials: "false" });
  await until(async () => (await hosting.call(domain, "/one")).text === "secondundefined");
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
