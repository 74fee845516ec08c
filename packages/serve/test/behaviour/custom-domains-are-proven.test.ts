/** Host names of the author's own, and lines that are erased, while the server runs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addDomain, removeDomain, verifyDomain } from "../../src/operators/domains.ts";
import { eraseLogs } from "../../src/operators/log-erasure.ts";
import { withOffice, type Office } from "../../src/operators/office.ts";
import { deployNew, startHosting, type Hosting } from "../hosting.ts";

const hello = {
  kind: "Functions",
  path: "/hello",
  content: "exports.handler = (c, e, cb) => { console.log('from', e.From); cb(null, c.DOMAIN_NAME); };",
} as const;

test("a custom domain is served when it is proven, and no sooner", async (t) => {
  const hosting = await startHosting(t, { settings: { adminPort: 0 } });
  const { environment, domain } = await deployNew(hosting, "shop", [hello]);
  const proof = await operate(hosting, (office) => addDomain(office, "Shop.Example.COM.", environment));
  assert.deepEqual(
    { ...proof, value: "" },
    { name: "shop.example.com", record: "_offhook.shop.example.com", value: "" },
  );
  assert.match(proof.value, /^offhook-verification=[0-9a-f]{32}$/);
  assert.equal((await hosting.call("shop.example.com", "/hello")).status, 404);
  assert.equal(await hosting.tls("shop.example.com"), 404);

  const wrong = operate(hosting, (office) => verifyDomain(office, "shop.example.com", async () => [["other"]]));
  await assert.rejects(wrong, { code: "domain-unproven" });
  const asked: string[] = [];
  await operate(hosting, (office) =>
    verifyDomain(office, "shop.example.com", async (name) => {
      asked.push(name);
      return [["unrelated"], [proof.value.slice(0, 10), proof.value.slice(10)]];
    }),
  );
  assert.deepEqual(asked, ["_offhook.shop.example.com"]);
  await until(async () => (await hosting.call("shop.example.com", "/hello")).status === 200);
  // Functions see the name of their environment, whatever name the caller used.
  assert.equal((await hosting.call("SHOP.example.com:443", "/hello")).text, domain);
  assert.equal(await hosting.tls("shop.example.com"), 200);
  assert.equal(await hosting.tls(domain), 200);
  assert.equal(await hosting.tls("other.functions.example"), 404);
  assert.equal(await hosting.tls(""), 404);

  // The API answers nothing under the name of a function.
  for (const host of ["shop.example.com", domain, `${domain}.`, domain.toUpperCase(), "x.functions.example:3001"]) {
    assert.equal(await hosting.apiUnder(host), 421, host);
  }
  assert.equal(await hosting.apiUnder("functions.example"), 200);

  const taken = operate(hosting, (office) => addDomain(office, "shop.example.com", environment));
  await assert.rejects(taken, { code: "domain-invalid" });
  await operate(hosting, (office) => removeDomain(office, "shop.example.com"));
  await until(async () => (await hosting.call("shop.example.com", "/hello")).status === 404);
  assert.equal((await hosting.call(domain, "/hello")).status, 200);
});

test("what is no host name is refused, and a name of another environment is never taken over", async (t) => {
  const hosting = await startHosting(t);
  const { environment } = await deployNew(hosting, "shop", [hello]);
  const other = await deployNew(hosting, "other", [hello]);
  for (const name of ["localhost", "127.0.0.1", "a b.example", "-a.example", `${"a".repeat(64)}.example`, "..", ""]) {
    const refused = operate(hosting, (office) => addDomain(office, name, environment));
    await assert.rejects(refused, { code: "domain-invalid" }, name);
  }
  const unknown = operate(hosting, (office) => addDomain(office, "a.example", "ZE0"));
  await assert.rejects(unknown, { code: "record-unknown" });
  const proof = await operate(hosting, (office) => addDomain(office, other.domain, environment));
  await operate(hosting, (office) => verifyDomain(office, proof.name, async () => [[proof.value]]));
  assert.equal((await hosting.call(other.domain, "/hello")).text, other.domain);
});

test("a proof does not verify a name that was claimed again while DNS was asked", async (t) => {
  const hosting = await startHosting(t);
  const { environment } = await deployNew(hosting, "shop", [hello]);
  const other = await deployNew(hosting, "other", [hello]);
  const proof = await operate(hosting, (office) => addDomain(office, "shop.example.com", environment));
  const verified = operate(hosting, (office) =>
    verifyDomain(office, proof.name, async () => {
      await addDomain(office, proof.name, other.environment);
      return [[proof.value]];
    }),
  );
  await assert.rejects(verified, { code: "record-unknown" });
  assert.equal((await hosting.call(proof.name, "/hello")).status, 404);
});

test("lines of a caller are erased", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, domain } = await deployNew(hosting, "shop", [hello]);
  for (const from of ["%2B15555550100", "%2B15555550199"]) await hosting.call(domain, `/hello?From=${from}`);
  const lines = async (): Promise<string[]> => {
    const { body } = await hosting.api("GET", `/v1/Services/${service}/Environments/${environment}/Logs`);
    return body.logs.map((each: { message: string }) => each.message);
  };
  await until(async () => (await lines()).length === 2);
  assert.equal(await operate(hosting, (office) => eraseLogs(office, { containing: "+1555555010_" })), 0);
  assert.equal(await operate(hosting, (office) => eraseLogs(office, { containing: "+15555550100" })), 1);
  assert.deepEqual(await lines(), ["from +15555550199"]);
  await assert.rejects(
    operate(hosting, (office) => eraseLogs(office, {})),
    { code: "setting-invalid" },
  );
  assert.equal(await operate(hosting, (office) => eraseLogs(office, { environment, before: Date.now() + 1000 })), 1);
});

function operate<Result>(hosting: Hosting, work: (office: Office) => Promise<Result>): Promise<Result> {
  return withOffice(hosting.settings.dataFolder, undefined, work);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
