import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { accountSid, startHosting, type Hosting } from "../../../serve/test/hosting.ts";
import { run } from "../../src/command-line.ts";
import { fakeContext } from "../fake-context.ts";

/** Runs commands for the server's folder. @returns what they print. */
function operatorOf({ settings }: Pick<Hosting, "settings">) {
  return async (...args: string[]): Promise<string> => {
    const context = fakeContext({ OFFHOOK_DATA: settings.dataFolder });
    assert.equal(await run(args, context), 0, context.stderr.text);
    return context.stdout.text;
  };
}

async function createKey(operate: (...args: string[]) => Promise<string>, ...options: string[]) {
  const issued = JSON.parse(await operate("keys", "create", "--json", ...options)) as { key: string; secret: string };
  assert.deepEqual(Object.keys(issued), ["key", "secret"]);
  return issued;
}

test("a key works as soon as it is created, and not after it is revoked", async (t) => {
  const server = await startHosting(t);
  const operate = operatorOf(server);
  const { key, secret } = await createKey(operate, "--role", "reader", "--name", "ci", "--expires", "30");
  const credentials = `${key}:${secret}`;
  assert.equal((await server.api("GET", "/v1/Services", undefined, { credentials })).status, 200);
  assert.match(await operate("keys", "list"), new RegExp(`^${key} .* ci .* reader .* active `, "m"));
  assert.match(await operate("keys", "revoke", key), /is revoked/);
  assert.equal((await server.api("GET", "/v1/Services", undefined, { credentials })).status, 401);
});

test("a new auth token of an account authenticates at once", async (t) => {
  const server = await startHosting(t);
  const operate = operatorOf(server);
  const file = join(server.settings.dataFolder, "token.txt");
  await writeFile(file, "the-next-auth-token\n");
  assert.match(await operate("accounts", "token", accountSid, "--auth-token-file", file), /new auth token/);
  const ask = async (token: string): Promise<number> =>
    (await server.api("GET", "/v1/Services", undefined, { credentials: `${accountSid}:${token}` })).status;
  assert.equal(await ask("the-next-auth-token"), 200);
  assert.equal(await ask("the-auth-token-of-the-account"), 401);
});

test("services, status, audit and backup show the running server", async (t: TestContext) => {
  const server = await startHosting(t);
  const operate = operatorOf(server);
  await server.api("POST", "/v1/Services", { UniqueName: "shop", FriendlyName: "Shop" });
  assert.match(await operate("services", "set", "shop", "--setting", "timeout=20s"), /^timeout {2}20s$/m);
  assert.match(await operate("services", "list"), /shop .*timeout/);
  assert.match(await operate("services", "unset", "shop", "--setting", "timeout", "--json"), /^\{\}$/m);
  assert.match(await operate("status"), new RegExp(`^running +${process.pid}$`, "m"));
  assert.match(await operate("accounts", "list"), new RegExp(`^${accountSid} `, "m"));
  assert.match(await operate("builds", "list"), /There are no builds/);
  assert.match(await operate("domains", "list"), /There are no domains/);
  assert.match(await operate("audit", "--limit", "1"), /services unset/);
  const copy = join(server.settings.dataFolder, "copy");
  assert.match(await operate("backup", copy, "--with-key"), /It has the master key/);
  const restored = join(server.settings.dataFolder, "restored");
  assert.match(await operate("restore", copy, "--data", restored), /offhook serve/);
  assert.match(await operate("services", "list", "--data", restored), /shop/);
});

test("a restored server has the same services and keys", async (t) => {
  const server = await startHosting(t);
  const operate = operatorOf(server);
  await server.api("POST", "/v1/Services", { UniqueName: "shop", FriendlyName: "Shop" });
  const copy = join(server.settings.dataFolder, "copy");
  await operate("backup", copy, "--with-key");
  const dataFolder = join(server.settings.dataFolder, "restored");
  await operate("restore", copy, "--data", dataFolder);
  await server.stop();
  const again = await startHosting(t, { dataFolder, key: server.key });
  const { body } = await again.api("GET", "/v1/Services");
  assert.deepEqual(
    (body as { services: { unique_name: string }[] }).services.map(({ unique_name: name }) => name),
    ["shop"],
  );
});

test("a mistyped action, a missing argument and an option of another action are refused", async () => {
  const cases = [
    [["keys", "creat"], /did you mean "offhook keys create"/],
    [["keys"], /needs an action/],
    [["keys", "revoke"], /offhook keys revoke <key>/],
    [["keys", "list", "SK1"], /accepts no argument/],
    [["keys", "list", "--role", "admin"], /keys list does not accept it/],
    [["keys", "list"], /Missing value for --data/],
    [["keys", "list", "--data", "nowhere"], /data-folder-empty/],
    [["backup"], /offhook backup <folder>/],
    [["audit", "--limit", "0"], /--limit/],
  ] as const;
  for (const [args, message] of cases) {
    const context = fakeContext();
    assert.notEqual(await run(args, context), 0);
    assert.match(context.stderr.text, message);
  }
});
