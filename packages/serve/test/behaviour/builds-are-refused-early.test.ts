/** A build that would fail later is refused with the reason, because clients show only that. Contract rows 160 to 168. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addVersion, build, buildOf, deployNew, startHosting, uploadVersion } from "../hosting.ts";

const quotas = {
  services: 2,
  environmentsPerService: 1,
  functionVersionsPerBuild: 2,
  assetVersionsPerBuild: 1,
  buildsPerHour: Infinity,
  variableBytes: 450,
  requestsPerSecond: Infinity,
};

const content = "exports.handler = (c, e, cb) => cb(null, 'x');";
const base = [{ kind: "Functions", path: "/base", content }] as const;

test("a build says what is wrong with it", async (t) => {
  const hosting = await startHosting(t);
  const { service, build: first } = await deployNew(hosting, "shop", base);
  const other = await deployNew(hosting, "other", base);
  const path = `/v1/Services/${service}/Builds`;
  const add = (kind: "Functions" | "Assets", name: string, text = content, visibility = "public"): Promise<string> =>
    addVersion(hosting, service, { kind, path: name, content: text, visibility });
  const one = await add("Functions", "/one");
  const foreign = (await hosting.api("GET", `/v1/Services/${other.service}/Builds/${other.build}`)).body
    .function_versions[0].sid;
  const cases: readonly (readonly [Record<string, string | readonly string[]>, RegExp])[] = [
    [{}, /At least one Function Version or Asset Version is required for Build\./],
    [{ FunctionVersions: `ZN${"0".repeat(32)}` }, /names what is no version/],
    [{ FunctionVersions: foreign }, /names what is no version/],
    [{ AssetVersions: one }, /AssetVersions names what is no version/],
    [{ FunctionVersions: [one, await add("Functions", "/one")] }, /Two versions have the path \/one/],
    [{ FunctionVersions: one, AssetVersions: await add("Assets", "/one") }, /Two versions have the path \/one/],
    [{ FunctionVersions: [one, await add("Functions", "/one.protected")] }, /Two versions have the path \/one/],
    [{ AssetVersions: [await add("Assets", "/a"), await add("Assets", "/a/b")] }, /\/a cannot also be the folder/],
    [{ FunctionVersions: one, Runtime: "node8" }, /node8 is not available on this server. It has: node24, node22/],
    [{ FunctionVersions: one, Dependencies: "nonsense" }, /must be a JSON list/],
    [
      { FunctionVersions: one, Dependencies: '[{"name":"@twilio/runtime-handler","version":"^1.0.0"}]' },
      /1\.2\.0 or newer/,
    ],
    [
      { FunctionVersions: one, AssetVersions: await add("Assets", "/offhook.json", "{", "private") },
      /offhook\.json is refused. It is not valid JSON/,
    ],
    [
      { FunctionVersions: one, AssetVersions: await add("Assets", "/offhook.json", '{"timeuot":1}', "private") },
      /timeuot.*timeout/,
    ],
  ];
  for (const [fields, why] of cases) {
    const refused = await hosting.api("POST", path, fields);
    assert.equal(refused.status, 400, JSON.stringify(fields));
    assert.equal(refused.body.code, 20_001);
    assert.match(refused.body.message, why);
  }
  // Nothing was left behind.
  const { body } = await hosting.api("GET", path);
  assert.deepEqual(
    body.builds.map(({ sid }: { sid: string }) => sid),
    [first],
  );
});

test("what the request leaves out is as in the last build", async (t) => {
  const hosting = await startHosting(t);
  const { service } = await deployNew(hosting, "shop", base);
  const version = await addVersion(hosting, service, { kind: "Functions", path: "/one", content });
  const dependencies = [{ name: "@twilio/runtime-handler", version: "1.3.0" }];
  const first = await build(hosting, service, {
    FunctionVersions: version,
    Runtime: "node22",
    Dependencies: `"${JSON.stringify(dependencies)}"`,
  });
  assert.equal(first.body.status, "completed");
  const second = await build(hosting, service, { FunctionVersions: version });
  assert.equal(second.body.runtime, "node22");
  assert.deepEqual(second.body.dependencies, dependencies);
});

test("settings that come with a deployment apply, up to the operator's limits", async (t) => {
  const hosting = await startHosting(t);
  const slow = "exports.handler = (c, e, cb) => setTimeout(cb, 5000, null, 'late');";
  const { domain } = await deployNew(hosting, "shop", [
    { kind: "Functions", path: "/slow", content: slow },
    { kind: "Assets", path: "/offhook.json", content: '{ "timeout": "300ms" }', visibility: "private" },
  ]);
  const { status } = await hosting.call(domain, "/slow");
  assert.equal(status, 504);
  assert.equal((await hosting.call(domain, "/offhook.json")).status, 404);
});

test("quotas are off by default, and a plan can set them", async (t) => {
  const hosting = await startHosting(t, { settings: { quotas } });
  const { service } = await deployNew(hosting, "shop", base);
  const path = `/v1/Services/${service}`;
  const environment = await hosting.api("POST", `${path}/Environments`, { UniqueName: "second", DomainSuffix: "b" });
  assert.equal(environment.status, 400);
  const functions = await Promise.all(
    ["/a", "/b", "/c"].map((name) => addVersion(hosting, service, { kind: "Functions", path: name, content })),
  );
  const many = await hosting.api("POST", `${path}/Builds`, { FunctionVersions: functions });
  assert.match(many.body.message, /FunctionVersions may have at most 2 entries/);
  await hosting.api("POST", "/v1/Services", { UniqueName: "b", FriendlyName: "b" });
  const third = await hosting.api("POST", "/v1/Services", { UniqueName: "c", FriendlyName: "c" });
  assert.equal(third.body.message, "Services are limited to less than or equal to 2. Delete one first.");
});

test("a plan limits builds in an hour, and requests in a second", async (t) => {
  const hosting = await startHosting(t, { settings: { quotas: { ...quotas, buildsPerHour: 1 } } });
  const { service, build: first } = await deployNew(hosting, "shop", base);
  const [version] = (await hosting.api("GET", `/v1/Services/${service}/Builds/${first}`)).body.function_versions;
  const refused = await hosting.api("POST", `/v1/Services/${service}/Builds`, { FunctionVersions: version.sid });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "60");
  await hosting.stop();
  const limited = await startHosting(t, { settings: { quotas: { ...quotas, requestsPerSecond: 3 } } });
  const answers = await Promise.all(Array.from({ length: 12 }, () => limited.api("GET", "/v1/Services")));
  assert.ok(answers.some(({ status }) => status === 429));
  assert.ok(answers.some(({ status }) => status === 200));
});

test("an upload that is incomplete, malformed or too large stores nothing", async (t) => {
  const hosting = await startHosting(t);
  const { service } = await deployNew(hosting, "shop", base);
  const resource = await hosting.api("POST", `/v1/Services/${service}/Assets`, { FriendlyName: "a" });
  const path = `/v1/Services/${service}/Assets/${resource.body.sid}/Versions`;
  const form = (entries: readonly (readonly [string, string | Blob])[]): FormData => {
    const made = new FormData();
    for (const [name, value] of entries) made.append(name, value);
    return made;
  };
  const file = new Blob(["x"]);
  for (const [entries, status] of [
    [
      [
        ["Path", "/a"],
        ["Visibility", "public"],
      ],
      400,
    ],
    [
      [
        ["Path", "/a"],
        ["Content", file],
      ],
      400,
    ],
    [
      [
        ["Visibility", "public"],
        ["Content", file],
      ],
      400,
    ],
    [
      [
        ["Path", "/a"],
        ["Path", "/b"],
        ["Visibility", "public"],
        ["Content", file],
      ],
      400,
    ],
    [
      [
        ["Path", "/a"],
        ["Visibility", "public"],
        ["Content", file],
        ["Content", file],
      ],
      400,
    ],
    [
      [
        ["Path", "/a"],
        ["Visibility", "public"],
        ["Other", file],
      ],
      400,
    ],
    [
      [
        ["Path", "/../a"],
        ["Visibility", "public"],
        ["Content", file],
      ],
      400,
    ],
    [
      [
        ["Path", "/a"],
        ["Visibility", "open"],
        ["Content", file],
      ],
      400,
    ],
    [
      [
        ["Path", "/a"],
        ["Visibility", "public"],
        ["Content", new Blob(["x".repeat(26 * 2 ** 20)])],
      ],
      413,
    ],
    [
      [
        ["Path", "/a"],
        ["Visibility", "private"],
        ["Content", new Blob(["x".repeat(11 * 2 ** 20)])],
      ],
      413,
    ],
  ] as const) {
    const refused = await hosting.upload(path, form(entries));
    assert.equal(refused.status, status, JSON.stringify(entries.map(([name]) => name)));
  }
  const noForm = await hosting.api("POST", path, { Path: "/a", Visibility: "public" });
  assert.equal(noForm.status, 415);
  const cut = await hosting.upload(path, '--b\r\nContent-Disposition: form-data; name="Path"\r\n\r\n/a' as never, {
    headers: { "content-type": "multipart/form-data; boundary=b" },
  });
  assert.equal(cut.status, 400);
  assert.deepEqual((await hosting.api("GET", path)).body.asset_versions, []);
  const fine = await uploadVersion(hosting, service, resource.body.sid, {
    kind: "Assets",
    path: "/a",
    content: "fine",
  });
  assert.equal(fine.status, 201);
  await buildOf(hosting, service, [{ kind: "Functions", path: "/later", content }]);
});
