import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect, parseArgs } from "node:util";

import { settingRows } from "../../../src/settings/setting-table.ts";
import {
  flagOptions,
  loadSettings,
  resolveSettings,
  settingsHelp,
  settingsMarkdown,
  settingsSchema,
  suspectVariables,
} from "../../../src/settings/settings.ts";
import { makeProject } from "../project/temp-project.ts";

test("without any source every setting has its default, and the object is frozen", () => {
  const settings = resolveSettings();
  for (const [key, row] of settingRows()) assert.deepEqual(settings[key], row.default, key);
  assert.ok(Object.isFrozen(settings));
  assert.deepEqual(
    Object.keys(settings),
    settingRows().map(([key]) => key),
  );
});

test("a flag beats a variable, a variable beats the file, the file beats the default", () => {
  const file = { port: 1 };
  const environment = { OFFHOOK_PORT: "2" };
  assert.equal(resolveSettings({ file }).port, 1);
  assert.equal(resolveSettings({ file, environment }).port, 2);
  assert.equal(resolveSettings({ file, environment, flags: { port: "3" } }).port, 3);
});

test("PORT and HOST are read, and OFFHOOK_PORT and OFFHOOK_HOST beat them", () => {
  const environment = { PORT: "80", HOST: "::1" };
  assert.equal(resolveSettings({ environment }).port, 80);
  assert.equal(resolveSettings({ environment }).host, "::1");
  assert.equal(resolveSettings({ environment: { ...environment, OFFHOOK_PORT: "81" } }).port, 81);
});

test("no message contains the secret of a shared key", () => {
  const sources = [
    { flags: { "shared-key-secret": "hush\u0000hush" } },
    { environment: { OFFHOOK_SHARED_KEY_SECRET: "hush\nhush" } },
    { file: { sharedKeySecret: ["hush"] } },
  ];
  for (const source of sources) {
    assert.throws(
      () => resolveSettings(source),
      (error: Error) => !/hush/.test(inspect(error)) && /shared|SHARED/.test(error.message),
    );
  }
  const environment = { OFFHOOK_SHARED_KEY_SECRET: " hush\n" };
  assert.equal(resolveSettings({ environment }).sharedKeySecret, "hush", "as it stands in a file of secrets");
});

test("an empty variable counts as not set", () => {
  assert.equal(resolveSettings({ environment: { PORT: "", OFFHOOK_TIMEOUT: "" } }).port, 3000);
});

test("an OFFHOOK_PORT that Kubernetes sets for a service named offhook is ignored", () => {
  const environment = { OFFHOOK_PORT: "tcp://10.0.0.1:80", PORT: "8080" };
  assert.equal(resolveSettings({ environment }).port, 8080);
});

type Key = ReturnType<typeof settingRows>[number][0];

const accepted: readonly (readonly [Key, unknown, unknown])[] = [
  ["port", "0", 0],
  ["port", 65_535, 65_535],
  ["host", "0.0.0.0", "0.0.0.0"],
  ["host", "[::]", "::"],
  ["host", "localhost", "localhost"],
  ["publicUrl", "https://Example.org", "https://example.org"],
  ["publicUrl", "https://example.org:443/", "https://example.org"],
  ["publicUrl", "http://localhost:3000", "http://localhost:3000"],
  ["trustProxy", "loopback", ["127.0.0.0/8", "::1/128"]],
  ["trustProxy", "10.0.0.0/8, fd00::/8,192.0.2.1", ["10.0.0.0/8", "fd00::/8", "192.0.2.1"]],
  ["trustProxy", ["10.0.0.1"], ["10.0.0.1"]],
  ["timeout", "10s", 10_000],
  ["timeout", "500ms", 500],
  ["timeout", "2m", 120_000],
  ["timeout", "1.5s", 1500],
  ["timeout", "2500", 2500],
  ["timeout", 2500, 2500],
  ["timeout", "0", Infinity],
  ["timeout", 0, Infinity],
  ["concurrency", "0", Infinity],
  ["requestLimit", "1mb", 1_048_576],
  ["requestLimit", "500kb", 512_000],
  ["requestLimit", "500 KB", 512_000],
  ["requestLimit", "123", 123],
  ["requestLimit", 0, Infinity],
  ["cookieMaxAge", "1h", 3600],
  ["cookieMaxAge", 60, 60],
  ["cookieMaxAge", "0", Infinity],
  ["memory", "512mb", 512],
  ["memory", "1gb", 1024],
  ["memory", "512", 512],
  ["reuse", "never", "never"],
  ["spares", "0", 0],
  ["idleTimeout", "0", 0],
  ["queueTimeout", "0", 0],
  ["healthPath", "off", false],
  ["healthPath", "/up", "/up"],
  ["signatureStatus", "400", 400],
  ["signatureStatus", 400, 400],
  ["assetLimit", "0", Infinity],
  ["node", "/usr/bin/node", "/usr/bin/node"],
  ["node", "node22", "node22"],
  ["accessLog", "yes", true],
  ["accessLog", false, false],
  ["logLevel", "debug", "debug"],
];

for (const [key, value, expected] of accepted) {
  test(`${key} accepts ${JSON.stringify(value)}`, () => {
    assert.deepEqual(resolveSettings({ file: { [key]: value } })[key], expected);
  });
}

const refused: readonly (readonly [Key, unknown])[] = [
  ["port", "abc"],
  ["port", "65536"],
  ["port", "-1"],
  ["port", "80.5"],
  ["port", "1e3"],
  ["port", "3000x"],
  ["port", null],
  ["port", true],
  ["host", "http://localhost"],
  ["host", "localhost:3000"],
  ["host", "10.0.0"],
  ["host", "-x"],
  ["host", 1],
  ["publicUrl", "example.org"],
  ["publicUrl", "ftp://example.org"],
  ["publicUrl", "https://example.org/path"],
  ["publicUrl", "https://example.org?x"],
  ["publicUrl", "https://user:secret@example.org"],
  ["trustProxy", "10.0.0.0/33"],
  ["trustProxy", "fd00::/129"],
  ["trustProxy", "10.0.0.0/8/8"],
  ["trustProxy", "proxy.example.org"],
  ["trustProxy", [1]],
  ["timeout", "10 parsecs"],
  ["timeout", "-1"],
  ["timeout", "25d"],
  ["timeout", Number.NaN],
  ["requestLimit", "1tb"],
  ["headerLimit", 0],
  ["memory", 0],
  ["memory", "100kb"],
  ["isolateConcurrency", 0],
  ["reuse", "sometimes"],
  ["signatureStatus", "401"],
  ["healthPath", "health"],
  ["healthPath", "/a b"],
  ["env", ""],
  ["env", "a\0b"],
  ["node", "./node"],
  ["accessLog", "perhaps"],
];

for (const [key, value] of refused) {
  test(`${key} refuses ${JSON.stringify(value)} and says what is valid`, () => {
    const row = settingRows().find(([each]) => each === key)?.[1];
    assert.throws(
      () => resolveSettings({ file: { [key]: value } }),
      (error: { code?: string; message: string }) =>
        error.code === "setting-invalid" && error.message.includes(row?.kind.allowed ?? "?"),
    );
  });
}

test("an invalid value is reported with its source", () => {
  const reject = (sources: Parameters<typeof resolveSettings>[0], message: RegExp): void => {
    assert.throws(() => resolveSettings(sources), { code: "setting-invalid", message });
  };
  reject({ flags: { port: "x" } }, /^Invalid value for --port: "x"\. Expected a whole number from 0 to 65535\.$/);
  reject({ flags: { port: true } }, /^Missing value for --port\. Expected/);
  reject({ environment: { PORT: "x" } }, /^Invalid value for the variable PORT: "x"/);
  reject({ file: { port: "x" }, fileName: "/p/offhook.json" }, /^Invalid value for "port" in \/p\/offhook\.json: "x"/);
});

test("an unknown flag or key is refused, with a suggestion when one is close", () => {
  const reject = (sources: Parameters<typeof resolveSettings>[0], message: RegExp): void => {
    assert.throws(() => resolveSettings(sources), { code: "setting-unknown", message });
  };
  reject({ flags: { prot: "1" } }, /--prot; did you mean --port\?$/);
  reject({ flags: { "timeout-ms": "1" } }, /--timeout-ms; did you mean --timeout\?$/);
  reject({ flags: { q: true } }, /-q$/);
  reject({ flags: { xylophone: "1" } }, /--xylophone$/);
  reject({ file: { Timeout: 1 } }, /"Timeout" in offhook\.json; did you mean timeout\?$/);
});

test("a mistyped variable causes a warning, and a variable of a platform does not", () => {
  const found = suspectVariables({ OFFHOOK_TIMOUT: "1", OFFHOOK_SERVICE_HOST: "x", OFFHOOK_PORT: "1" });
  assert.deepEqual(found.length, 1);
  assert.match(found[0] ?? "", /OFFHOOK_TIMOUT .*OFFHOOK_TIMEOUT/);
});

test("flags and variables are named after the key", () => {
  for (const [key, row] of settingRows()) {
    const words = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    assert.equal(row.flag, `--${words}`);
    assert.equal(row.variables[0], `OFFHOOK_${words.replaceAll("-", "_").toUpperCase()}`);
  }
});

test("the written form of each default resolves to the default", () => {
  for (const [key, row] of settingRows()) {
    if (["none", "the one that runs Offhook"].includes(row.defaultText)) continue;
    if (row.default === undefined) continue;
    assert.deepEqual(row.kind.parse(row.defaultText), row.default, key);
  }
});

test("flags are parsed as the table says", () => {
  const args = ["-p", "1", "--access-log", "--reuse=never"];
  const { values } = parseArgs({ args, options: flagOptions() });
  const settings = resolveSettings({ flags: values });
  assert.equal(settings.port, 1);
  assert.equal(settings.accessLog, true);
  assert.equal(settings.reuse, "never");
});

test("offhook.json may have comments, a trailing comma and $schema", async (t) => {
  const folder = makeProject(t, {
    "offhook.json": '\uFEFF{\n  // as hosted\n  "$schema": "x", "timeout": "5s",\n}',
  });
  assert.equal((await loadSettings(folder)).timeout, 5000);
});

test("offhook.json may be JSON5", async (t) => {
  const folder = makeProject(t, { "offhook.json": "{ timeout: '5s', spares: +0x2, memory: .5e3, /* as hosted */ }" });
  const { timeout, spares, memory } = await loadSettings(folder);
  assert.deepEqual([timeout, spares, memory], [5000, 2, 500]);
});

test("a malformed offhook.json is reported with file and position", async (t) => {
  const folder = makeProject(t, { "offhook.json": '{\n  "port" 3000\n}' });
  await assert.rejects(loadSettings(folder), {
    code: "file-malformed",
    message: /offhook\.json: .* at 2:10$/,
  });
});

test("an offhook.json without an object is rejected", async (t) => {
  const folder = makeProject(t, { "offhook.json": "[]" });
  await assert.rejects(loadSettings(folder), { code: "file-malformed" });
});

test("help, reference and schema have every setting", () => {
  const help = settingsHelp(80);
  const markdown = settingsMarkdown();
  const schema = settingsSchema() as { properties: Record<string, { default?: unknown }> };
  for (const [key, row] of settingRows()) {
    assert.ok(help.includes(row.flag), row.flag);
    for (const variable of row.variables) assert.ok(markdown.includes(`\`${variable}\``), variable);
    assert.ok(markdown.includes(`### \`${key}\`\n`), key);
    assert.ok(key in schema.properties, key);
  }
  for (const line of help.split("\n")) assert.ok(line.length <= 80, line);
  assert.equal(schema.properties["port"]?.default, 3000);
  assert.ok(!JSON.stringify(schema).includes(process.execPath));
  assert.ok(!markdown.includes(process.execPath));
});

test("every setting of the reference has its names, its default, its description and its values", () => {
  const entries = settingsMarkdown().split(/^### /m).slice(1);
  assert.equal(entries.length, settingRows().length);
  for (const [key, { flag, defaultText, description, kind }] of settingRows()) {
    const entry = entries.find((each) => each.startsWith(`\`${key}\``)) ?? "";
    for (const text of [`\`${flag}\``, `default: ${defaultText}\n`, `\n${description}\n`, `Value: ${kind.allowed}.`]) {
      assert.ok(entry.includes(text), `${key}: ${text}`);
    }
  }
});
