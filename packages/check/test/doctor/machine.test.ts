import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, existsSync, utimesSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { holderOf } from "../../src/doctor/port-holder.ts";
import { anyFunction, examined, examinedFolder } from "./examined-project-fixture.ts";

const day = 86_400;

test("the doctor compares Node with engines in package.json", async (t) => {
  const wants = async (node: string): Promise<string> =>
    (await examined(t, "node", { "package.json": JSON.stringify({ engines: { node } }) })).join();
  assert.match(await wants(">=22"), /^ok: Node \d+\.\d+\.\d+ runs Offhook; package\.json requires >=22$/);
  assert.match(await wants("18.x"), /^warning: .+ does not match engines in package\.json: 18\.x → /);
  assert.match(await wants("newest"), /^warning: Invalid value for engines\.node: "newest"\. Expected a version range/);
  assert.match((await examined(t, "node", {})).join(), /^ok: Node/);
});

test("the doctor reports a port in use, and the process that uses it", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const flags = { port: String(port) };
  const taken = (await examined(t, "port", {}, { flags })).join();
  assert.match(taken, new RegExp(`^warning: Port ${port} is in use.* → .*--port ${port + 1}$`));
  if (process.platform === "linux") {
    assert.deepEqual(holderOf(port), { pid: process.pid, name: "node" });
    assert.match(taken, new RegExp(`\\(process ${process.pid}\\)`));
  }
  server.close();
  await once(server, "close");
  assert.deepEqual(await examined(t, "port", {}, { flags }), [`ok: Port ${port} is free`]);
  assert.deepEqual(await examined(t, "port", {}, { flags: { port: "0" } }), ["ok: Any free port is used"]);
  const elsewhere = await examined(t, "port", {}, { flags: { ...flags, host: "192.0.2.1" } });
  assert.match(elsewhere.join(), /^problem: Cannot listen on port \d+ of 192\.0\.2\.1 \(EADDRNOTAVAIL\)/);
});

test("the doctor reports a wrong clock, and compares it with Twilio's on request", async (t) => {
  const folder = makeProject(t, anyFunction);
  assert.match((await examinedFolder(folder, "clock")).join(), /^ok: The system clock looks right: \d{4}-/);
  const later = Date.now() / 1000 + 3 * day;
  utimesSync(join(folder), later, later);
  assert.match((await examinedFolder(folder, "clock")).join(), /^problem: The clock says .+ some files here are newer/);
  const zone = async (TZ: string): Promise<string> => (await examined(t, "clock", {}, { environment: { TZ } })).join();
  assert.match(await zone("Europe/Atlantis"), /^warning: TZ is "Europe\/Atlantis", which is not a time zone/);
  assert.match(await zone("Europe/Oslo"), /^ok/);
  const asked = async (offMs: number): Promise<string> => {
    const askTime = (): Promise<Date> => Promise.resolve(new Date(Date.now() + offMs));
    return (await examined(t, "clock", {}, { askTime })).join();
  };
  assert.match(await asked(0), /^ok: The clock matches/);
  assert.match(await asked(600_000), /^problem: The clock is \d+ s behind/);
  assert.match(await asked(-600_000), /^problem: The clock is \d+ s ahead/);
  const fails = await examined(t, "clock", {}, { askTime: () => Promise.reject(new Error("no network")) });
  assert.match(fails.join(), /^warning: Could not get the time from Twilio \(no network\)/);
});

test("the doctor names variables that reach Offhook but not isolates", async (t) => {
  const environment = {
    HTTPS_PROXY: "http://user:secret@proxy",
    no_proxy: "localhost",
    NODE_OPTIONS: "--conditions=offhook-source --require ./secret.js",
    OFFHOOK_PROT: "1",
  };
  const results = await examined(t, "environment", {}, { environment });
  assert.match(results[0] ?? "", /^warning: The variable OFFHOOK_PROT .+OFFHOOK_PORT/);
  assert.match(
    results[1] ?? "",
    /^warning: Functions do not get these environment variables: HTTPS_PROXY, NO_PROXY → /,
  );
  assert.match(results[2] ?? "", /^warning: NODE_OPTIONS only affects Offhook, not isolates: --require → /);
  assert.equal(results.length, 3);
  assert.doesNotMatch(results.join(), /secret/);
  const fine = { environment: { NODE_OPTIONS: "--conditions=offhook-source", PATH: "/bin" } };
  assert.match((await examined(t, "environment", {}, fine)).join(), /^ok/);
});

test("the doctor checks the space for temporary files and the limit of open files", async (t) => {
  assert.match((await examined(t, "disk", {})).join(), /MB free/);
  if (process.platform === "linux")
    assert.match((await examined(t, "descriptors", {})).join(), /^\w+: A process may open \d+/);
});

test("the doctor really starts an isolate, with the project's settings", async (t) => {
  const source = "exports.handler = () => {}; require('fs').writeFileSync(__dirname + '/ran', '');";
  const folder = makeProject(t, { "functions/a.js": source, ".env": "PATH=/x" });
  // The mode of a usual project folder. If the tests run as root, isolates run as another user, who must read it.
  chmodSync(folder, 0o755);
  const [started, ...more] = await examinedFolder(folder, "isolate");
  assert.match(
    started ?? "",
    new RegExp(`^\\w+: An isolate starts and answers in \\d+ ms, on Node ${process.versions.node}`),
  );
  assert.deepEqual(more, []);
  assert.equal(existsSync(join(folder, "functions/ran")), false);
  const hardened = await examined(t, "isolate", {}, { flags: { hardened: true } });
  assert.match(hardened.join(), /An isolate starts/);
  const broken = await examined(t, "isolate", {}, { flags: { node: "/nowhere/node" } });
  assert.match(broken.join(), /^problem: Could not start an isolate: .+\/nowhere\/node.+ → Check the settings/);
  const nobody = await examined(t, "isolate", {}, { flags: { "isolate-user": "nobody-of-that-name" } });
  assert.match(nobody.join(), /^problem: Could not start an isolate: .+nobody-of-that-name/);
});
