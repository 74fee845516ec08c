import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { credentialFault } from "../../src/doctor/credential-shape.ts";
import { anyFunction, examined, examinedFolder } from "./examined-project-fixture.ts";

const sid = `AC${"0123456789abcdef".repeat(2)}`;
const token = "fedcba9876543210".repeat(2);

function handler(body: string): string {
  return `exports.handler = (context, event, callback) => { ${body} callback(); };`;
}

test("the doctor names the reason why a project cannot be served, and still examines the rest", async (t) => {
  const twice = await examined(t, "project", { "functions/a.protected.js": "" });
  assert.match(twice.join(), /^problem: Two files claim the same path: \/a .+ → Rename or remove/);
  const settings = await examined(t, "project", { "offhook.json": '{ "prot": 1 }' });
  assert.match(settings.join("\n"), /^ok: The project can be served[^]+problem: .*"prot" in .+did you mean port\?/);
  const malformed = await examined(t, "project", { "package.json": "{ name" });
  assert.equal(malformed.length, 1);
  assert.match(malformed.join(), /^problem: .+package\.json/);
  const warned = await examined(t, "project", { "assets/a.PRIVATE.txt": "" });
  assert.match(warned.join("\n"), /^ok: .+1 function, 1 asset\nwarning: assets\/a\.PRIVATE\.txt is public/);
});

test("the doctor reports outdated types, if there are any", async (t) => {
  assert.deepEqual(await examined(t, "types", {}), []);
  assert.deepEqual(await examined(t, "types", { "offhook-env.d.ts": "old" }), [
    "warning: offhook-env.d.ts is out of date → npx offhook types",
  ]);
});

test("the doctor names the settings of Twilio's tool that apply", async (t) => {
  const rc = JSON.stringify({ functionsFolder: "functions", runtime: "node22", commands: { start: { port: 1 } } });
  assert.deepEqual(await examined(t, "twilio-run", { ".twilioserverlessrc": rc, ".twiliodeployinfo": "{}" }), [
    "ok: .twiliodeployinfo: only for deployment, ignored here",
    "ok: .twilioserverlessrc: functionsFolder applies here; runtime, port do not",
  ]);
  assert.deepEqual(await examined(t, "twilio-run", {}), []);
});

test("the doctor names required variables that are not set, and variables that nothing uses", async (t) => {
  const files = {
    "functions/a.js": handler("context.SENDER.trim(); context.PERHAPS ?? 1; require('../src/b');"),
    "src/b.js": "process.env.DEEP.trim();",
    ".env": "SENDRE=value\nACCOUNT_SID=AC1\nDEEP=value",
  };
  const unset = await examined(t, "variables-unset", files);
  assert.deepEqual(unset, [
    "warning: Required variables that are not set: SENDER (did you mean SENDRE?) → In .env: SENDER=…",
  ]);
  const unused = await examined(t, "variables-unused", files);
  assert.match(unused.join(), /^warning: Set, but not used in the project \(packages may use them\): SENDRE → /);
  const set = { ...files, ".env": "SENDER=1\nDEEP=1" };
  assert.deepEqual(await examined(t, "variables-unset", set), ["ok: All required variables are set (2)"]);
  assert.match((await examined(t, "variables-unused", set)).join(), /^ok/);
  const dynamic = { ...files, "functions/c.js": handler("context[event.name];") };
  assert.deepEqual(await examined(t, "variables-unused", dynamic), []);
});

test("the doctor checks the shape of credentials", () => {
  const faults: readonly (readonly ["ACCOUNT_SID" | "AUTH_TOKEN", string, RegExp | undefined])[] = [
    ["ACCOUNT_SID", sid, undefined],
    ["AUTH_TOKEN", token, undefined],
    ["ACCOUNT_SID", `${sid} `, /white space/],
    ["ACCOUNT_SID", `“${sid}”`, /quotation/],
    ["ACCOUNT_SID", `SK${sid.slice(2)}`, /API key/],
    ["ACCOUNT_SID", sid.slice(1), /does not start with AC/],
    ["ACCOUNT_SID", sid.slice(0, -1), /33 characters instead of 34/],
    ["ACCOUNT_SID", `AC${"x".repeat(32)}`, /placeholder/],
    ["ACCOUNT_SID", `AC${"0".repeat(32)}`, /placeholder/],
    ["AUTH_TOKEN", "your_auth_token", /placeholder/],
    ["AUTH_TOKEN", token.toUpperCase(), /hexadecimal/],
    ["AUTH_TOKEN", `${token.slice(1)}\u200b`, /invisible characters/],
  ];
  for (const [name, value, expected] of faults) {
    const fault = credentialFault(name, value);
    if (expected === undefined) assert.equal(fault, undefined, value);
    else assert.match(fault ?? "nothing", expected, value);
    assert.ok(fault === undefined || !fault.includes(value), "the value is shown");
  }
});

test("the doctor requires credentials only where functions need them", async (t) => {
  const credentialsOf = async (files: Readonly<Record<string, string>>): Promise<string> =>
    (await examined(t, "credentials", files)).join("\n");
  assert.match(await credentialsOf({}), /^ok: ACCOUNT_SID and AUTH_TOKEN are not needed$/);
  assert.match(
    await credentialsOf({ "functions/p.protected.js": handler("") }),
    /^problem: AUTH_TOKEN is not set, but protected functions need it to check signatures/,
  );
  const client = { "functions/c.js": handler("context.getTwilioClient();") };
  assert.match(await credentialsOf(client), /^problem: ACCOUNT_SID is not set.+\nproblem: AUTH_TOKEN is not set/);
  assert.match(
    await credentialsOf({ ...client, ".env": `ACCOUNT_SID=${sid}\nAUTH_TOKEN=${token}` }),
    /^ok: .+look valid/,
  );
  const wrong = await credentialsOf({ ...client, ".env": `ACCOUNT_SID=${sid}\nAUTH_TOKEN=“${token}”` });
  assert.match(wrong, /^warning: AUTH_TOKEN contains quotation marks/);
  assert.doesNotMatch(wrong, new RegExp(token));
});

test("the doctor reports a .env file that is in git, or that every user can read", async (t) => {
  const folder = makeProject(t, { ...anyFunction, ".env": `AUTH_TOKEN=${token}` });
  const file = join(folder, ".env");
  chmodSync(file, 0o600);
  assert.deepEqual(await examinedFolder(folder, "env-file"), ["ok: Only you can read .env"]);
  chmodSync(file, 0o644);
  assert.match((await examinedFolder(folder, "env-file")).join(), /^warning: Every user.+ → chmod 600 \.env$/);
  chmodSync(file, 0o600);
  const git = (...args: string[]): unknown => execFileSync("git", ["-C", folder, ...args], { stdio: "ignore" });
  git("init");
  assert.match(
    (await examinedFolder(folder, "env-file")).join(),
    /^warning: \.env is not ignored by git → echo '\.env'/,
  );
  git("add", "-f", ".env");
  assert.match((await examinedFolder(folder, "env-file")).join(), /^problem: \.env is in git → git rm --cached \.env/);
  git("rm", "--cached", ".env");
  writeFileSync(join(folder, ".gitignore"), ".env\n");
  assert.deepEqual(await examinedFolder(folder, "env-file"), ["ok: Only you can read .env"]);
});

test("the doctor reports packages that are missing, have another version, or exist twice", async (t) => {
  const packageOf = (name: string, version: string): Record<string, string> => ({
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
  });
  const wanted = {
    "package.json": JSON.stringify({
      dependencies: { one: "^1.0.0", twilio: "^5.0.0", "@twilio/runtime-handler": "2.0.0" },
    }),
  };
  assert.deepEqual(await examined(t, "packages", wanted), [
    "problem: Not installed: one → Run npm install in the project's folder.",
    "warning: twilio is not installed in the project; functions use the version that comes with Offhook → Run npm install in the project's folder.",
  ]);
  const others = await examined(t, "packages", {
    ...wanted,
    ...packageOf("one", "2.0.0"),
    ...packageOf("twilio", "5.1.0"),
  });
  assert.match(others.join(), /^warning: Versions differ from package\.json: one is 2\.0\.0, required is \^1\.0\.0 → /);
  const right = await examined(t, "packages", {
    ...wanted,
    ...packageOf("one", "1.2.0"),
    ...packageOf("twilio", "5.1.0"),
  });
  assert.deepEqual(right, ["ok: All dependencies in package.json are installed (2)"]);
  const lock = (version: string, ...more: string[]): string =>
    JSON.stringify({
      packages: Object.fromEntries(["one", ...more].map((name) => [`node_modules/${name}`, { version }])),
    });
  const locked = { "package-lock.json": lock("1.0.0"), "node_modules/.package-lock.json": lock("1.0.1") };
  assert.deepEqual(await examined(t, "lockfile", locked), [
    "warning: Versions differ from package-lock.json: one → Run npm ci in the project's folder.",
  ]);
  assert.match((await examined(t, "lockfile", { ...locked, "package-lock.json": lock("1.0.1") })).join(), /^ok/);
  assert.deepEqual(await examined(t, "lockfile", { "package-lock.json": "{" }), []);
  const copies = { "node_modules/.package-lock.json": lock("5.0.0", "twilio", "one/node_modules/twilio") };
  assert.match(
    (await examined(t, "copies", copies)).join(),
    /^warning: There are 2 copies of twilio: .+ → Run npm dedupe\./,
  );
  assert.deepEqual(await examined(t, "copies", { "node_modules/.package-lock.json": lock("5.0.0", "twilio") }), []);
});
