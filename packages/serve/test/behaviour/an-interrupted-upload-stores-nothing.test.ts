/** Uploads as hostile or unlucky clients send them. Contract rows 160 to 162. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { deployNew, startHosting, uploadVersion, type Hosting } from "../hosting.ts";

const content = "exports.handler = (c, e, cb) => cb(null, 'x');";

async function filesIn(hosting: Hosting, folder: string): Promise<string[]> {
  const entries = await readdir(join(hosting.settings.dataFolder, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test("a client that disconnects during an upload leaves no version and no file", async (t) => {
  const hosting = await startHosting(t);
  const { service } = await deployNew(hosting, "shop", [{ kind: "Functions", path: "/base", content }]);
  const resource = await hosting.api("POST", `/v1/Services/${service}/Assets`, { FriendlyName: "a" });
  const path = `/v1/Services/${service}/Assets/${resource.body.sid}/Versions`;
  const before = await filesIn(hosting, "artefacts");
  const upload = request(hosting.apiUrl + path, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(hosting.key).toString("base64")}`,
      "content-type": "multipart/form-data; boundary=b",
      "content-length": 10_000_000,
    },
  });
  const closed = Promise.withResolvers<undefined>();
  upload.on("error", () => undefined);
  upload.on("close", () => closed.resolve(undefined));
  upload.write('--b\r\nContent-Disposition: form-data; name="Path"\r\n\r\n/a\r\n');
  upload.write('--b\r\nContent-Disposition: form-data; name="Visibility"\r\n\r\npublic\r\n');
  upload.write('--b\r\nContent-Disposition: form-data; name="Content"; filename="a"\r\n\r\n');
  upload.write("x".repeat(100_000));
  const staged = await until(async () => (await filesIn(hosting, "staging")).length > 0);
  assert.ok(staged, "The upload was never staged.");
  upload.destroy();
  await closed.promise;
  assert.ok(await until(async () => (await filesIn(hosting, "staging")).length === 0), "The staged file was kept.");
  assert.deepEqual(await filesIn(hosting, "artefacts"), before);
  assert.deepEqual((await hosting.api("GET", path)).body.asset_versions, []);
});

test("a marker that the client leaves in the path keeps the resource from being public", async (t) => {
  const hosting = await startHosting(t);
  const { domain, build, service } = await deployNew(hosting, "shop", [
    { kind: "Functions", path: "/agent.ws.protected", content },
    { kind: "Functions", path: "/open", content },
    { kind: "Assets", path: "/keys.private.json", content: "{}", type: "application/json" },
  ]);
  assert.equal((await hosting.call(domain, "/open")).status, 200);
  assert.equal((await hosting.call(domain, "/agent.ws")).status, 403);
  assert.equal((await hosting.call(domain, "/keys.json")).status, 404);
  assert.equal((await hosting.call(domain, "/keys.private.json")).status, 404);
  const { body } = await hosting.api("GET", `/v1/Services/${service}/Builds/${build}`);
  assert.deepEqual(
    body.function_versions.map((each: { path: string; visibility: string }) => [each.path, each.visibility]),
    [
      ["/agent.ws", "protected"],
      ["/open", "public"],
    ],
  );
});

test("a file name that leads elsewhere has no effect, because only Path counts", async (t) => {
  const hosting = await startHosting(t);
  const { service } = await deployNew(hosting, "shop", [{ kind: "Functions", path: "/base", content }]);
  const resource = await hosting.api("POST", `/v1/Services/${service}/Functions`, { FriendlyName: "a" });
  const path = `/v1/Services/${service}/Functions/${resource.body.sid}/Versions`;
  const form = new FormData();
  form.append("Content", new Blob([content]), "../../../../etc/passwd");
  form.append("Visibility", "public");
  form.append("Path", "/a");
  const { status, body } = await hosting.upload(path, form);
  assert.equal(status, 201);
  assert.equal(body.path, "/a");
  const noBoundary = await hosting.upload(path, "x" as never, { headers: { "content-type": "multipart/form-data" } });
  assert.ok([400, 415].includes(noBoundary.status), String(noBoundary.status));
  const hugeField = new FormData();
  hugeField.append("Path", `/${"a".repeat(100_000)}`);
  hugeField.append("Visibility", "public");
  hugeField.append("Content", new Blob([content]), "a");
  assert.equal((await hosting.upload(path, hugeField)).status, 400);
  const { body: list } = await hosting.api("GET", path);
  assert.equal(list.function_versions.length, 1);
});

test("what an environment serves cannot be deleted, and the reason names the deployment", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, build } = await deployNew(hosting, "shop", [
    { kind: "Functions", path: "/base", content },
  ]);
  const path = `/v1/Services/${service}`;
  const [version] = (await hosting.api("GET", `${path}/Builds/${build}`)).body.function_versions;
  const deployments = `${path}/Environments/${environment}/Deployments`;
  const [deployment] = (await hosting.api("GET", deployments)).body.deployments;
  for (const served of [`${path}/Builds/${build}`, `${path}/Functions/${version.function_sid}`]) {
    const refused = await hosting.api("DELETE", served);
    assert.equal(refused.status, 400);
    assert.ok(refused.body.message.includes(deployment.sid), refused.body.message);
  }
  // A newer version of the same function is not part of the deployment, and does not change it.
  const kind = "Functions";
  await uploadVersion(hosting, service, version.function_sid, { kind, path: "/base", content: "new" });
  assert.equal((await hosting.api("POST", deployments, {})).body.build_sid, null);
  assert.equal((await hosting.api("DELETE", `${path}/Functions/${version.function_sid}`)).status, 204);
  assert.deepEqual((await hosting.api("GET", `${path}/Builds/${build}`)).body.function_versions, []);
  assert.equal((await hosting.api("DELETE", `${path}/Builds/${build}`)).status, 204);
});

/** @returns false after ten seconds. */
async function until(condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (await condition()) return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}
