/** `offhook deploy` against a real server. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { exitCodes } from "@offhook/runtime/errors";
import { makeProject } from "../packages/runtime/test/unit/project/temp-project.ts";
import { startHosting, type Hosting } from "../packages/serve/test/hosting.ts";
import { repository } from "./offhook-process.ts";

const launcher = join(repository, "packages/cli/bin/offhook.js");

const shop = {
  "package.json": JSON.stringify({ name: "@acme/shop", engines: { node: ">=22" } }),
  ".env": "GREETING=hello\nACCOUNT_SID=AC0\nAUTH_TOKEN=secret-token\n",
  "offhook.json": JSON.stringify({ timeout: "3s", port: 4000 }),
  "functions/greet.js":
    "exports.handler = (context, event, callback) => callback(null, context.GREETING + ' ' + require('./words').who);",
  "functions/words.private.js": "exports.who = 'world';",
  "functions/secret.protected.js": "exports.handler = (context, event, callback) => callback(null, 'secret');",
  "assets/hello.txt": "a public asset",
  "assets/key.private.txt": "a private asset",
};

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(hosting: Hosting, folder: string, args: readonly string[]) {
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    OFFHOOK_URL: hosting.apiUrl,
    OFFHOOK_API_KEY: hosting.key,
  };
  return spawn(process.execPath, [launcher, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
}

async function run(hosting: Hosting, folder: string, ...args: readonly string[]): Promise<Result> {
  const child = start(hosting, folder, args);
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, err };
}

interface Deployed {
  readonly serviceSid: string;
  readonly environmentSid: string;
  readonly environment: string;
  readonly buildSid: string;
  readonly url: string;
  readonly functions: readonly { readonly visibility: string; readonly url: string }[];
}

async function deployed(hosting: Hosting, folder: string, ...args: readonly string[]): Promise<Deployed> {
  const { code, out, err } = await run(hosting, folder, "deploy", "--json", ...args);
  assert.equal(code, 0, err);
  return JSON.parse(out) as Deployed;
}

async function variablesOf(hosting: Hosting, { serviceSid, environmentSid }: Deployed): Promise<object> {
  const { body } = await hosting.api("GET", `/v1/Services/${serviceSid}/Environments/${environmentSid}/Variables`);
  const rows = body.variables as { key: string; value: string }[];
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

async function textAt(hosting: Hosting, { url }: Deployed, path: string): Promise<string> {
  return (await hosting.call(new URL(url).host, path)).text;
}

async function setUp(t: TestContext, files: Readonly<Record<string, string>> = shop) {
  return { hosting: await startHosting(t), folder: makeProject(t, files) };
}

test("a project with variables, assets and settings is live after one command", async (t) => {
  const { hosting, folder } = await setUp(t);
  const result = await run(hosting, folder, "deploy");
  assert.equal(result.code, 0, result.err);
  assert.match(result.out, /^Live at http:\/\/shop-\d+-dev\.functions\.example after \d+\.\d s$/m);
  assert.match(result.out, /\/greet$/m);
  assert.match(result.out, /\/secret \(protected\)$/m);
  assert.doesNotMatch(result.out, /words|key\.txt|offhook\.json/);
  assert.doesNotMatch(result.out + result.err, /secret-token/);
  const again = await deployed(hosting, folder);
  assert.equal(await textAt(hosting, again, "/greet"), "hello world");
  assert.equal(await textAt(hosting, again, "/hello.txt"), "a public asset");
  const { host } = new URL(again.url);
  assert.equal((await hosting.call(host, "/secret")).status, 403);
  assert.equal((await hosting.call(host, "/key.txt")).status, 404);
  assert.deepEqual(await variablesOf(hosting, again), { GREETING: "hello" });
  const { body } = await hosting.api("GET", `/v1/Services/${again.serviceSid}/Builds/${again.buildSid}`);
  const assets = body.asset_versions as { path: string; visibility: string }[];
  assert.deepEqual(
    assets.map(({ path, visibility }) => `${path} ${visibility}`),
    ["/hello.txt public", "/key.txt private", "/offhook.json private"],
  );
  const functions = await hosting.api("GET", `/v1/Services/${again.serviceSid}/Functions`);
  assert.equal(functions.body.functions.length, 3);
});

test("variables of the environment stay, unless --replace-variables removes them", async (t) => {
  const { hosting, folder } = await setUp(t);
  const first = await deployed(hosting, folder);
  const path = `/v1/Services/${first.serviceSid}/Environments/${first.environmentSid}/Variables`;
  await hosting.api("POST", path, { Key: "OF_SOMEBODY", Value: "kept" });
  writeFileSync(join(folder, ".env"), "GREETING=good day\n");
  const second = await deployed(hosting, folder);
  assert.deepEqual(await variablesOf(hosting, second), { GREETING: "good day", OF_SOMEBODY: "kept" });
  assert.equal(await textAt(hosting, second, "/greet"), "good day world");
  const third = await deployed(hosting, folder, "--replace-variables");
  assert.deepEqual(await variablesOf(hosting, third), { GREETING: "good day" });
});

test("production, a named environment and previews have their own host names, and a preview can be deleted", async (t) => {
  const { hosting, folder } = await setUp(t);
  const live = await deployed(hosting, folder, "--production");
  assert.match(live.url, /^http:\/\/shop-\d+\.functions\.example$/);
  assert.equal(live.environment, "production");
  const stage = await deployed(hosting, folder, "--environment", "stage");
  assert.equal(stage.environment, "stage-environment");
  const preview = await deployed(hosting, folder, "--preview", "feature/a-long-branch-name");
  assert.match(preview.url, /-feature-a-[0-9a-f]{6}\.functions\.example$/);
  assert.equal(await textAt(hosting, preview, "/greet"), "hello world");
  const refused = await run(hosting, folder, "deploy", "--preview", "stage", "--delete");
  assert.match(refused.err, /\[deployment-failed\]/);
  for (const text of [/^Deleted feature-a-/, /Nothing to delete/]) {
    const result = await run(hosting, folder, "deploy", "--preview", "feature/a-long-branch-name", "--delete");
    assert.equal(result.code, 0, result.err);
    assert.match(result.out, text);
  }
  const path = `/v1/Services/${live.serviceSid}/Environments`;
  assert.equal((await hosting.api("GET", path)).body.environments.length, 2);
});

test("--dry-run lists what would be deployed, and sends nothing", async (t) => {
  const { hosting, folder } = await setUp(t);
  const { code, out } = await run(hosting, folder, "deploy", "--dry-run");
  assert.equal(code, 0);
  assert.match(out, /^Would deploy to shop, dev-environment\. Nothing was sent\.$/m);
  assert.match(out, /^function +\/words \(private, 22 bytes\)$/m);
  assert.match(out, /^variable +GREETING$/m);
  assert.doesNotMatch(out, /AUTH_TOKEN|hello$/m);
  assert.deepEqual((await hosting.api("GET", "/v1/Services")).body.services, []);
});

test("TypeScript and ES modules are deployed with the functions that they import", async (t) => {
  const { hosting, folder } = await setUp(t, {
    "functions/typed.ts": `import { who } from "./words.private.ts";
export const handler = (context: unknown, event: unknown, callback: (error: null, text: string) => void): void =>
  callback(null, "typed " + who);`,
    "functions/words.private.ts": `export const who: string = "world";`,
    "functions/common.ts": `exports.handler = (context: any, event: any, callback: any) => callback(null, "common");`,
    "functions/module.mjs": `export const handler = (context, event, callback) => callback(null, "module");`,
  });
  const live = await deployed(hosting, folder, "--service", "typed");
  assert.equal(await textAt(hosting, live, "/typed"), "typed world");
  assert.equal(await textAt(hosting, live, "/common"), "common");
  assert.equal(await textAt(hosting, live, "/module"), "module");
});

test("code that a build cannot have is refused with its file and its import", async (t) => {
  const { hosting, folder } = await setUp(t, {
    "lib/words.ts": `export const who = "world";`,
    "functions/typed.ts": `import { who } from "../lib/words.ts";\nexport const handler = () => who;`,
    "functions/broken.ts": "export const = 1;",
  });
  const { code, err } = await run(hosting, folder, "deploy", "--service", "typed");
  assert.equal(code, exitCodes.failed);
  assert.match(err, /functions\/typed\.ts imports \.\.\/lib\/words\.ts, which is no function/);
  assert.match(err, /functions\/broken\.ts has an error: functions\/broken\.ts:1:/);
});

test("the server's reason ends the command", async (t) => {
  const { hosting, folder } = await setUp(t);
  const result = await run(hosting, folder, "deploy", "--runtime", "node8");
  assert.equal(result.code, exitCodes.failed);
  assert.match(result.err, /Runtime node8 is not available on this server\. It has: /);
  assert.match(result.err, /\[deployment-failed\]/);
});

test("--watch deploys each change, and uploads only what changed", { timeout: 120_000 }, async (t) => {
  const { hosting, folder } = await setUp(t);
  const child = start(hosting, folder, ["deploy", "--watch", "--json"]);
  t.after(() => child.kill("SIGKILL"));
  const results = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Deployed> => JSON.parse(String((await results.next()).value)) as Deployed;
  const first = await next();
  assert.equal(await textAt(hosting, first, "/greet"), "hello world");
  for await (const line of createInterface({ input: child.stderr })) if (line.startsWith("Watching")) break;
  writeFileSync(join(folder, "functions/words.private.js"), "exports.who = 'moon';");
  const second = await next();
  assert.equal(await textAt(hosting, second, "/greet"), "hello moon");
  const { body } = await hosting.api("GET", `/v1/Services/${second.serviceSid}/Functions`);
  const counts: Record<string, number> = {};
  for (const { sid, friendly_name: name } of body.functions as { sid: string; friendly_name: string }[]) {
    const versions = await hosting.api("GET", `/v1/Services/${second.serviceSid}/Functions/${sid}/Versions`);
    counts[name] = versions.body.function_versions.length as number;
  }
  assert.deepEqual(counts, { "/greet": 1, "/words": 2, "/secret": 1 });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.kill("SIGTERM");
  assert.equal(await ended, 0);
});
