/** The environments of the gateway process, without a control process. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Host } from "@offhook/runtime/internal/host";
import { connectionRoom } from "@offhook/runtime/internal/connection-room";
import { limitsOf } from "@offhook/runtime/internal/host-limits";
import { resolveServerSettings, resolveServicePolicy } from "@offhook/runtime/internal/host-settings";
import { resolveSettings } from "@offhook/runtime/settings";
import { Tenants } from "../../src/gateway/tenants.ts";
import type { TenantSpec } from "../../src/link/messages.ts";
import type { ServeSettings } from "../../src/link/serve-settings.ts";
import { makeDataFolder } from "../hosting.ts";

async function serving(t: TestContext): Promise<{ tenants: Tenants; ask: (host: string) => Promise<string> }> {
  const limits = limitsOf({ ...resolveSettings(), ...resolveServerSettings({}) }, connectionRoom(10));
  const host = new Host({ limits, healthPath: false });
  t.after(() => host.kill());
  const { port } = await host.listen("127.0.0.1", 0);
  const settings = {
    server: resolveServerSettings({}),
    policy: resolveServicePolicy({}),
    nodes: { node24: process.execPath },
    publicScheme: "http",
  } as Partial<ServeSettings> as ServeSettings;
  const { request } = await import("node:http");
  const ask = async (name: string): Promise<string> => {
    const answer = Promise.withResolvers<string>();
    request({ port, host: "127.0.0.1", path: "/one", headers: { host: name }, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => answer.resolve(response.statusCode === 200 ? body : String(response.statusCode)));
    })
      .on("error", answer.reject)
      .end();
    return await answer.promise;
  };
  return { tenants: new Tenants(host, settings), ask };
}

async function specOf(
  t: TestContext,
  deploymentSid: string,
  codes: Readonly<Record<string, string>>,
): Promise<TenantSpec> {
  const folder = await makeDataFolder(t);
  const functions = Object.entries(codes).map(([name, code]) => {
    const file = join(folder, `${name}.js`);
    writeFileSync(file, code);
    return { kind: "function", sid: `ZH${name}`, path: `/${name}`, name, file, visibility: "public" } as const;
  });
  return {
    accountSid: "AC",
    serviceSid: "ZS",
    environmentSid: "ZE",
    buildSid: "ZB",
    deploymentSid,
    hosts: ["shop.example"],
    folder,
    functions,
    assets: [],
    variables: {},
    authToken: "",
    runtime: "node24",
    settings: {},
  };
}

const answering = (word: string): string => `exports.handler = (c, e, cb) => cb(null, "${word}");`;

test("a prepared deployment gets no request before it is activated", async (t) => {
  const { tenants, ask } = await serving(t);
  const one = await specOf(t, "ZD1", { one: answering("first") });
  await tenants.prepare(one);
  assert.equal(await ask("shop.example"), "404");
  tenants.activate(one);
  assert.equal(await ask("shop.example"), "first");
  const two = await specOf(t, "ZD2", { one: answering("second") });
  await tenants.prepare(two);
  assert.equal(await ask("shop.example"), "first");
  tenants.activate(two);
  assert.equal(await ask("shop.example"), "second");
  await tenants.remove("ZE");
  assert.equal(await ask("shop.example"), "404");
});

test("a deployment that was discarded, or prepared before another one, cannot be activated", async (t) => {
  const { tenants, ask } = await serving(t);
  const specs = [];
  for (const sid of ["ZD1", "ZD2", "ZD3"]) specs.push(await specOf(t, sid, { one: answering(sid) }));
  const [one, two, three] = specs as [TenantSpec, TenantSpec, TenantSpec];
  const superseded = { code: "service-superseded" };
  await tenants.update(one);
  await tenants.prepare(two);
  await tenants.discard(two);
  assert.throws(() => tenants.activate(two), superseded);
  await tenants.prepare(two);
  await tenants.prepare(three);
  assert.throws(() => tenants.activate(two), superseded);
  assert.equal(await ask("shop.example"), "ZD1");
  tenants.activate(three);
  assert.equal(await ask("shop.example"), "ZD3");
});

test("the examination of a build names the functions that do not load, without paths of the server", async (t) => {
  const { tenants } = await serving(t);
  const spec = await specOf(t, "ZB", {
    one: answering("fine"),
    syntax: "exports.handler = (;",
    absent: 'require("no-such-package");',
  });
  const { failures } = await tenants.examine(spec);
  assert.deepEqual(failures.map(({ path }) => path).toSorted(), ["/absent", "/syntax"]);
  for (const { path, message } of failures) {
    assert.match(message, path === "/syntax" ? /^SyntaxError: / : /^Error: Cannot find module 'no-such-package'$/);
    assert.ok(!message.includes(spec.folder));
  }
});
