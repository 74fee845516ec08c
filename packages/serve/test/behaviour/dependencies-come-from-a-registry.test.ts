/** Builds with dependencies, from a registry on loopback. Contract §11. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { removeTree } from "../../src/artefacts/remove-tree.ts";
import { hasOwnUsers } from "../server-users.ts";
import { startRegistry, type FakePackage, type FakeRegistry } from "../fake-registry.ts";
import {
  addVersion,
  build,
  deployNew,
  makeDataFolder,
  startHosting,
  type ApiAnswer,
  type Hosting,
} from "../hosting.ts";

const greeter: FakePackage = {
  name: "greeter",
  version: "1.2.0",
  manifest: { main: "main.js", dependencies: { word: "^1.0.0" }, bin: { greet: "main.js" } },
  files: { "main.js": "module.exports = () => 'hello ' + require('word');" },
};
const word: FakePackage = { name: "word", version: "1.0.0", files: { "index.js": "module.exports = 'world';" } };
const content = "exports.handler = (c, e, cb) => cb(null, require('greeter')());";

/** A server whose user has the registry in npm's configuration. */
async function startWithRegistry(
  t: TestContext,
  registry: FakeRegistry,
  { lines = [], settings = {} }: { lines?: string[]; settings?: Parameters<typeof startHosting>[1] } = {},
): Promise<Hosting> {
  const folder = await makeDataFolder(t);
  const file = join(folder, "npmrc");
  await writeFile(file, [`registry=${registry.url}`, ...lines].join("\n"));
  const before = process.env["NPM_CONFIG_USERCONFIG"];
  process.env["NPM_CONFIG_USERCONFIG"] = file;
  t.after(() => {
    if (before === undefined) delete process.env["NPM_CONFIG_USERCONFIG"];
    else process.env["NPM_CONFIG_USERCONFIG"] = before;
  });
  return await startHosting(t, settings);
}

async function buildWith(
  hosting: Hosting,
  service: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<ApiAnswer> {
  const version = await addVersion(hosting, service, { kind: "Functions", path: "/greet", content });
  const Dependencies = JSON.stringify(Object.entries(dependencies).map(([name, range]) => ({ name, version: range })));
  return await build(hosting, service, { FunctionVersions: version, Dependencies });
}

const base = [{ kind: "Functions", path: "/base", content: "exports.handler = (c, e, cb) => cb(null, '');" }] as const;

test("packages are installed once, and functions require them", async (t) => {
  const registry = await startRegistry(t, [greeter, word]);
  const hosting = await startWithRegistry(t, registry);
  const { service, environment, domain } = await deployNew(hosting, "shop", base);
  const made = await buildWith(hosting, service, { greeter: "^1.0.0", "@twilio/runtime-handler": "1.3.0" });
  assert.equal(made.body.status, "completed", JSON.stringify(made.body));
  assert.deepEqual(made.body.dependencies, [
    { name: "@twilio/runtime-handler", version: "1.3.0" },
    { name: "greeter", version: "^1.0.0" },
  ]);
  const path = `/v1/Services/${service}/Environments/${environment}/Deployments`;
  assert.equal((await hosting.api("POST", path, { BuildSid: made.body.sid })).status, 201);
  assert.equal((await hosting.call(domain, "/greet")).text, "hello world");
  // The same list of another service resolves to the same lock, and nothing is installed again.
  const sent = registry.archives();
  const other = await deployNew(hosting, "other", base);
  assert.equal((await buildWith(hosting, other.service, { greeter: "^1.0.0" })).body.status, "completed");
  assert.equal(registry.archives(), sent);
  assert.equal(readdirSync(join(hosting.settings.dataFolder, "dependencies")).length, 1);
  // An unchanged list asks the registry nothing.
  registry.fallSilent();
  assert.equal((await buildWith(hosting, service, { greeter: "^1.0.0" })).body.status, "completed");
  assert.deepEqual(readdirSync(join(hosting.settings.dataFolder, "staging")), []);
});

test("a list that cannot be resolved is refused in npm's words", async (t) => {
  const peers: FakePackage = { name: "peers", version: "1.0.0", manifest: { peerDependencies: { word: "^2.0.0" } } };
  const registry = await startRegistry(t, [greeter, word, peers]);
  const hosting = await startWithRegistry(t, registry);
  const { service } = await deployNew(hosting, "shop", base);
  for (const [dependencies, why] of [
    [{ nothing: "1.0.0" }, /nothing/],
    [{ greeter: "^9.0.0" }, /No matching version found for greeter@\^9\.0\.0/],
    [{ peers: "1.0.0", word: "1.0.0" }, /peers needs word@\^2\.0\.0, and the build has word@1\.0\.0/],
  ] as const) {
    const refused = await buildWith(hosting, service, dependencies);
    assert.equal(refused.status, 400);
    assert.match(refused.body.message, why);
  }
});

test("a package that leads out of the registry is refused, at any depth", async (t) => {
  const specs = ["git+file:///etc", "file:../../etc", "https://127.0.0.1:1/a.tgz", "github:user/repo"];
  const bad = specs.map((spec, index) => ({
    name: `bad${index}`,
    version: "1.0.0",
    manifest: { dependencies: { hidden: spec } },
  }));
  const outer = specs.map((_, index) => ({
    name: `outer${index}`,
    version: "1.0.0",
    manifest: { dependencies: { [`bad${index}`]: "1.0.0" } },
  }));
  const registry = await startRegistry(t, [...bad, ...outer]);
  const hosting = await startWithRegistry(t, registry);
  const { service } = await deployNew(hosting, "shop", base);
  for (const { name } of outer) {
    const refused = await buildWith(hosting, service, { [name]: "1.0.0" });
    assert.equal(refused.status, 400, name);
    assert.match(refused.body.message, /depends on .+ Only packages of a registry are accepted/);
  }
});

test("install scripts run only for packages that the operator names", async (t) => {
  const script = "node -e \"require('fs').writeFileSync('made.txt', 'x')\"";
  const scripted = ["trusted", "other"].map((name) => ({
    name,
    version: "1.0.0",
    manifest: { scripts: { install: script } },
    files: { "index.js": "module.exports = require('fs').existsSync(__dirname + '/made.txt');" },
  }));
  const registry = await startRegistry(t, scripted);
  const hosting = await startWithRegistry(t, registry, { settings: { settings: { allowedScripts: ["trusted"] } } });
  const { service, environment, domain } = await deployNew(hosting, "shop", base);
  const version = await addVersion(hosting, service, {
    kind: "Functions",
    path: "/ran",
    content: "exports.handler = (c, e, cb) => cb(null, [require('trusted'), require('other')]);",
  });
  const Dependencies = '[{"name":"trusted","version":"1.0.0"},{"name":"other","version":"1.0.0"}]';
  const made = await build(hosting, service, { FunctionVersions: version, Dependencies });
  assert.equal(made.body.status, "completed", JSON.stringify(made.body));
  const path = `/v1/Services/${service}/Environments/${environment}/Deployments`;
  await hosting.api("POST", path, { BuildSid: made.body.sid });
  assert.deepEqual(JSON.parse((await hosting.call(domain, "/ran")).text), [true, false]);
});

test("functions cannot change their packages, and no archive writes outside of its package", async (t) => {
  const target = join(await makeDataFolder(t), "outside");
  const tricks: FakePackage = {
    name: "tricks",
    version: "1.0.0",
    files: { "index.js": "", link: `-> ${target}`, "../../../../outside.txt": "x" },
  };
  const registry = await startRegistry(t, [tricks]);
  const hosting = await startWithRegistry(t, registry);
  const { service, environment, domain } = await deployNew(hosting, "shop", base);
  const version = await addVersion(hosting, service, {
    kind: "Functions",
    path: "/write",
    content: `exports.handler = (c, e, cb) => {
      const fs = require('fs'), place = require.resolve('tricks');
      const results = [place, require('path').dirname(place) + '/new.js', __filename].map((file) => {
        try { fs.writeFileSync(file, 'x'); return 'written'; } catch ({ code }) { return code; }
      });
      cb(null, results.join());
    };`,
  });
  const made = await build(hosting, service, {
    FunctionVersions: version,
    Dependencies: '[{"name":"tricks","version":"1.0.0"}]',
  });
  assert.equal(made.body.status, "completed", JSON.stringify(made.body));
  await hosting.api("POST", `/v1/Services/${service}/Environments/${environment}/Deployments`, {
    BuildSid: made.body.sid,
  });
  const { text } = await hosting.call(domain, "/write");
  // Without root, functions run as the owner of the files, and only their mode protects them. Nothing stops root.
  if (hasOwnUsers || process.getuid?.() !== 0) assert.equal(text, "EACCES,EACCES,EACCES");
  assert.ok(!existsSync(join(hosting.settings.dataFolder, "outside.txt")));
});

test("credentials of a private registry reach it, and nothing else", async (t) => {
  const registry = await startRegistry(t, [greeter, word]);
  const { host } = new URL(registry.url);
  const hosting = await startWithRegistry(t, registry, { lines: [`//${host}/:_authToken=very-secret`] });
  const { service } = await deployNew(hosting, "shop", base);
  const made = await buildWith(hosting, service, { greeter: "1.2.0" });
  assert.equal(made.body.status, "completed", JSON.stringify(made.body));
  assert.deepEqual([...registry.credentials], ["Bearer very-secret"]);
  const database = await readFile(join(hosting.settings.dataFolder, "offhook.db"), "latin1");
  assert.ok(!database.includes("very-secret"));
  assert.ok(!JSON.stringify(made.body).includes("very-secret"));
});

test("a registry that is away is a 429 or 503 that says so, and the cache is enough without it", async (t) => {
  const registry = await startRegistry(t, [greeter, word]);
  const dataFolder = await makeDataFolder(t);
  const hosting = await startWithRegistry(t, registry, { settings: { dataFolder } });
  const { service } = await deployNew(hosting, "shop", base);
  assert.equal((await buildWith(hosting, service, { greeter: "1.2.0" })).body.status, "completed");
  const { key } = hosting;
  await hosting.stop();
  await rm(join(dataFolder, "serve.lock"), { force: true });
  const offline = await startHosting(t, { dataFolder, key, settings: { isOffline: true } });
  registry.fallSilent();
  const other = await deployNew(offline, "other", base);
  const cached = await buildWith(offline, other.service, { greeter: "^1.2.0" });
  assert.equal(cached.body.status, "completed", JSON.stringify(cached.body));
  const missing = await buildWith(offline, other.service, { absent: "1.0.0" });
  assert.equal(missing.status, 503);
  assert.match(missing.body.message, /absent/);
});

test("a registry that fails is a 503, and the client may try again", async (t) => {
  const registry = await startRegistry(t, [greeter, word]);
  const hosting = await startWithRegistry(t, registry);
  const { service } = await deployNew(hosting, "shop", base);
  registry.failWith(503);
  const refused = await buildWith(hosting, service, { greeter: "1.2.0" });
  assert.equal(refused.status, 503, JSON.stringify(refused.body));
  assert.match(refused.body.message, /registry of the dependencies cannot be reached/);
  assert.notEqual(refused.headers.get("retry-after"), null);
});

test("a restored folder has no packages, and installs them again", async (t) => {
  const registry = await startRegistry(t, [greeter, word]);
  const dataFolder = await makeDataFolder(t);
  const hosting = await startWithRegistry(t, registry, { settings: { dataFolder } });
  const { service, environment, domain } = await deployNew(hosting, "shop", base);
  const made = await buildWith(hosting, service, { greeter: "1.2.0" });
  const deployments = `/v1/Services/${service}/Environments/${environment}/Deployments`;
  assert.equal((await hosting.api("POST", deployments, { BuildSid: made.body.sid })).status, 201);
  const { key } = hosting;
  await hosting.stop();
  for (const name of ["builds", "dependencies"]) await removeTree(join(dataFolder, name));
  const restored = await startHosting(t, { dataFolder, key });
  assert.equal((await restored.call(domain, "/greet")).text, "hello world");
});

test("builds with one lock at the same time share one installation", async (t) => {
  const registry = await startRegistry(t, [greeter, word]);
  const hosting = await startWithRegistry(t, registry);
  const services = [];
  for (const name of ["one", "two", "three"]) services.push((await deployNew(hosting, name, base)).service);
  const made = await Promise.all(services.map((service) => buildWith(hosting, service, { greeter: "1.2.0" })));
  assert.deepEqual(
    made.map(({ body }) => body.status),
    ["completed", "completed", "completed"],
  );
  assert.equal(readdirSync(join(hosting.settings.dataFolder, "dependencies")).length, 1);
});
