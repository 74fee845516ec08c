/** twilio-run 5 from the registry, unmodified: every command that reaches the API. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { accountSid, deployInfo, startHosting } from "./hosting.ts";

test("twilio-run deploys, promotes, lists, sets variables and reads logs", async (t) => {
  const hosting = await startHosting(t);
  const run = async (...args: string[]): Promise<string> => {
    const { code, output } = await hosting.run("twilio-run", ...args);
    assert.equal(code, 0, `${args.join(" ")}\n${output}`);
    return output;
  };

  const deployed = await run("deploy");
  const [, domain = ""] = /domain\s+(\S+)/.exec(deployed) ?? [];
  assert.match(domain, /^flex-back-end-\d{4}-dev\.localhost:\d+$/);
  assert.equal((await hosting.call(domain, "/hello?name=Ada")).text, "Good morning, Ada");
  assert.equal((await hosting.call(domain, "/flex/token")).status, 403);
  assert.equal((await hosting.call(domain, "/helpers/words")).status, 404);
  assert.match((await hosting.call(domain, "/style.css")).text, /color: red/);
  assert.deepEqual(Object.keys(await deployInfo(hosting.project)), [`${accountSid}:offhook`]);

  // Again: the service is known, nothing is created.
  await writeFile(
    join(hosting.project, "functions/hello.js"),
    "exports.handler = (context, event, callback) => callback(null, 'changed');",
  );
  const before = hosting.requests.length;
  await run("deploy");
  assert.ok(!hosting.requests.slice(before).includes("POST /v1/Services"));
  assert.equal((await hosting.call(domain, "/hello")).text, "changed");

  const lists = await run("list", "services,environments,builds,functions,assets,variables", "--environment", "dev");
  for (const word of ["flex-back-end", "dev-environment", "completed", "/hello", "/style.css", "GREETING"]) {
    assert.ok(lists.includes(word), `${word} is not in\n${lists}`);
  }

  await run("env", "set", "--key", "COLOR", "--value", "red");
  assert.match(await run("env", "get", "--key", "COLOR"), /red/);
  assert.match(await run("env", "list", "--show-values"), /COLOR[^\n]*red/);
  await run("env", "unset", "--key", "COLOR");
  assert.doesNotMatch(await run("env", "list"), /COLOR/);
  await run("env", "import", ".env");

  await run("promote", "--from", "dev", "--to", "stage", "--create-environment");
  const stage = domain.replace("-dev.", "-stage.");
  assert.equal((await hosting.call(stage, "/hello")).text, "changed");
  const [, build = ""] = /(ZB[0-9a-f]{32})/.exec(await run("list", "builds")) ?? [];
  await run("activate", "--build-sid", build, "--environment", "stage");

  const tail = hosting.start("twilio-run", "logs", "--tail");
  await writeFile(
    join(hosting.project, "functions/hello.js"),
    "exports.handler = (context, event, callback) => { console.log('a line of', event.name); callback(); };",
  );
  await run("deploy");
  await hosting.call(domain, "/hello?name=Bob");
  await until(() => tail.output().includes("a line of Bob"));
  tail.stop();
  assert.match(await run("logs"), /a line of Bob/);

  assert.deepEqual(hosting.problems, []);
  assert.deepEqual([...hosting.credentials], [hosting.ownCredentials]);
});

test("a folder that was deployed to Twilio before is deployed beside it", async (t) => {
  const hosting = await startHosting(t);
  const entry = { [accountSid]: { serviceSid: `ZS${"1".repeat(32)}`, latestBuild: `ZB${"1".repeat(32)}` } };
  await writeFile(join(hosting.project, ".twiliodeployinfo"), JSON.stringify(entry));
  const { code, output } = await hosting.run("twilio-run", "deploy");
  assert.equal(code, 0, output);
  const info = await deployInfo(hosting.project);
  // Twilio's entry stays, under the name that newer versions of the tool give it.
  assert.deepEqual(info[`${accountSid}:us1`], entry[accountSid]);
  assert.deepEqual(Object.keys(info).toSorted(), [`${accountSid}:offhook`, `${accountSid}:us1`]);
});

test("what cannot be deployed is said in a sentence that tells the next step", async (t) => {
  const hosting = await startHosting(t);
  const manifest = { name: "broken", version: "1.0.0", dependencies: { lodash: "github:lodash/lodash" } };
  await writeFile(join(hosting.project, "package.json"), JSON.stringify(manifest));
  const refused = await hosting.run("twilio-run", "deploy");
  assert.notEqual(refused.code, 0);
  assert.match(
    refused.output.replaceAll(/[\s│]+/g, " "),
    /The version of lodash is "github:lodash\/lodash"\. Only versions, ranges and tags/,
  );
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 50));
}
