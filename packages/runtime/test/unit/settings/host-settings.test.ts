import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";

import {
  resolveServerSettings,
  resolveServicePolicy,
  resolveServiceSettings,
} from "../../../src/settings/host-settings.ts";
import type { SettingRow } from "../../../src/settings/setting-rows/row.ts";
import { settingRows } from "../../../src/settings/setting-table.ts";
import type { ServerSettings, ServiceSettings, Settings } from "../../../src/settings/setting-table.ts";
import { resolveSettings } from "../../../src/settings/settings.ts";
import type { SettingSources } from "../../../src/settings/settings.ts";

type Values = Readonly<Record<string, unknown>>;

interface Case {
  readonly operator?: SettingSources;
  readonly maxima?: Values;
  readonly deployment?: Values;
  /** The operator's settings for this service. */
  readonly own?: Values;
}

const written = (values: Values | undefined, name: string) => values && { values, name };

function resolve({ operator, maxima, deployment, own }: Case): ReturnType<typeof resolveServiceSettings> {
  const policy = resolveServicePolicy(operator, written(maxima, "the maxima"));
  return resolveServiceSettings(policy, {
    deployment: written(deployment, "/srv/a/offhook.json"),
    operator: written(own, "the settings of a"),
  });
}

const keysOf = (scope: SettingRow["scope"]): string[] =>
  settingRows()
    .filter(([, row]) => row.scope === scope)
    .map(([key]) => key);

/** Key, sources of values, and the service's resolved value. */
const precedence: readonly (readonly [keyof ServiceSettings, Case, unknown])[] = [
  ["timeout", {}, 10_000],
  ["timeout", { operator: { flags: { timeout: "20s" } } }, 20_000],
  ["timeout", { operator: { environment: { OFFHOOK_TIMEOUT: "20s" } } }, 20_000],
  ["timeout", { operator: { file: { timeout: "20s" } }, deployment: { timeout: "5s" } }, 5000],
  ["timeout", { deployment: { timeout: "5s" } }, 5000],
  ["timeout", { deployment: { timeout: "60s" } }, 10_000],
  ["timeout", { deployment: { timeout: 0 } }, 10_000],
  ["timeout", { deployment: { timeout: "60s" }, maxima: { timeout: "30s" } }, 30_000],
  ["timeout", { deployment: { timeout: "25s" }, maxima: { timeout: "30s" } }, 25_000],
  ["timeout", { deployment: { timeout: 0 }, maxima: { timeout: 0 } }, Infinity],
  ["timeout", { maxima: { timeout: "3s" } }, 3000],
  ["timeout", { operator: { flags: { timeout: "20s" } }, maxima: { timeout: "3s" } }, 3000],
  ["timeout", { deployment: { timeout: "5s" }, own: { timeout: "7s" } }, 7000],
  ["timeout", { maxima: { timeout: "3s" }, own: { timeout: "7s" } }, 7000],
  ["concurrency", { deployment: { concurrency: 0 }, maxima: { concurrency: 50 } }, 50],
  ["memory", { deployment: { memory: "1gb" }, maxima: { memory: "512mb" } }, 512],
  ["isolateConcurrency", { deployment: { isolateConcurrency: 10 } }, 1],
  ["spares", { deployment: { spares: 0 } }, 0],
  ["reuse", { deployment: { reuse: "never" } }, "never"],
  ["reuse", { deployment: { reuse: "always" } }, "clean"],
  ["reuse", { deployment: { reuse: "always" }, maxima: { reuse: "always" } }, "always"],
  ["reuse", { deployment: { reuse: "clean" }, maxima: { reuse: "never" } }, "never"],
  ["hardened", { deployment: { hardened: true } }, true],
  ["hardened", { deployment: { hardened: false }, operator: { flags: { hardened: true } } }, true],
  ["hardened", { maxima: { hardened: true } }, true],
  [
    "hardened",
    { operator: { flags: { hardened: true } }, maxima: { hardened: false }, deployment: { hardened: false } },
    false,
  ],
  ["isolatePer", { deployment: { isolatePer: "function" } }, "function"],
  [
    "signatureStatus",
    { deployment: { signatureStatus: 400 }, operator: { flags: { "signature-status": "403" } } },
    400,
  ],
  ["signatureStatus", { deployment: { signatureStatus: 400 }, own: { signatureStatus: 403 } }, 403],
  ["publicUrl", { deployment: { publicUrl: "https://a.example.org" } }, "https://a.example.org"],
  ["env", { deployment: { env: "config/.env" } }, "config/.env"],
];

for (const [key, sources, expected] of precedence) {
  test(`${key} of a service is ${String(expected)} with ${JSON.stringify(sources)}`, () => {
    assert.equal(resolve(sources).settings[key], expected);
  });
}

test("server and service settings are parts of all settings, and development settings are in neither", () => {
  const server: ServerSettings = resolveServerSettings();
  const service: ServiceSettings = resolve({}).settings;
  assert.deepEqual(Object.keys(server), keysOf("server"));
  assert.deepEqual(Object.keys(service), keysOf("service"));
  assert.deepEqual(keysOf("development"), ["tunnel", "dashboard", "dashboardPort", "typeCheck"]);
  const all: Settings = resolveSettings();
  assert.deepEqual(all, { ...all, ...server, ...service });
  assert.ok(Object.isFrozen(server) && Object.isFrozen(service));
});

test("the server's settings come from the operator's flags, variables and file", () => {
  const file = { port: 1, host: "::1", healthPath: "/up" };
  const server = resolveServerSettings({ file, environment: { HOST: "::" }, flags: { port: "3" } });
  assert.deepEqual([server.port, server.host, server.healthPath], [3, "::", "/up"]);
});

test("a deployment cannot set server settings: a warning names each key, and its value is not read", () => {
  const deployment = Object.fromEntries(keysOf("server").map((key) => [key, "hush"]));
  const { settings, warnings } = resolve({ deployment });
  assert.deepEqual(settings, resolve({}).settings);
  assert.deepEqual(
    warnings,
    keysOf("server").map(
      (key) => `"${key}" in /srv/a/offhook.json is ignored: only the operator of the server can set it.`,
    ),
  );
});

test("settings for development are ignored without a warning", () => {
  const deployment = { tunnel: "cloudflared", dashboard: false, dashboardPort: 1, $schema: "x" };
  assert.deepEqual(resolve({ deployment }), resolve({}));
});

test("the warning names the maximum that applies, and the value that it replaces", () => {
  const deployment = { timeout: "60s", concurrency: 0, hardened: false };
  const { warnings } = resolve({ deployment, maxima: { timeout: "30s", hardened: true } });
  assert.deepEqual(warnings, [
    '"timeout" in /srv/a/offhook.json is "60s". The maximum on this server is 30000 ms, so 30000 ms applies.',
    '"concurrency" in /srv/a/offhook.json is 0. The maximum on this server is 30, so 30 applies.',
    '"hardened" in /srv/a/offhook.json is false. The maximum on this server is true, so true applies.',
  ]);
});

test("a default that is more than the maximum is lowered without a warning", () => {
  assert.deepEqual(resolve({ maxima: { concurrency: 5 } }).warnings, []);
});

for (const [key, row] of settingRows().filter(([, { rank }]) => rank !== undefined)) {
  test(`no deployment gets more of ${key} than the operator allows`, () => {
    assert.equal(row.scope, "service");
    const values = valuesOf(row);
    const { maxima } = resolveServicePolicy();
    const most = maxima[key as keyof typeof maxima];
    for (const value of values) {
      const { settings } = resolve({ deployment: { [key]: value } });
      const got = settings[key as keyof ServiceSettings];
      const isWithin =
        row.rank === "number"
          ? (got as number) <= (most as number)
          : (row.rank ?? []).indexOf(got) <= (row.rank ?? []).indexOf(most);
      assert.ok(isWithin, `asked for ${String(value)}, got ${String(got)}`);
    }
  });

  test(`${key} can have each of its values as a maximum`, () => {
    for (const value of valuesOf(row)) {
      const parsed = row.kind.parse(value);
      if (row.rank !== "number") assert.ok(row.rank?.includes(parsed), `${String(value)} has no rank`);
      const { settings, warnings } = resolve({ maxima: { [key]: value }, deployment: { [key]: value } });
      assert.equal(settings[key as keyof ServiceSettings], parsed);
      assert.deepEqual(warnings, []);
    }
  });
}

/** The lowest and highest of all values of the setting, including "no limit" if the setting has it. */
function valuesOf({ kind }: SettingRow): unknown[] {
  const candidates = [
    0,
    1,
    32,
    1000,
    1024,
    2_000_000,
    Number.MAX_SAFE_INTEGER,
    true,
    false,
    "never",
    "clean",
    "always",
  ];
  const values = candidates.filter((value) => typeof kind.parse(value) !== "symbol");
  assert.ok(values.length > 1);
  return values;
}

for (const path of [
  "..",
  "../.env",
  "a/../../.env",
  "/etc/passwd",
  "..\\.env",
  "C:\\.env",
  "c:.env",
  "\\\\host\\x",
  " /etc",
]) {
  test(`a deployment cannot have its files at ${JSON.stringify(path)}`, () => {
    for (const key of ["env", "functionsFolder", "assetsFolder"]) {
      assert.throws(() => resolve({ deployment: { [key]: path } }), {
        code: "setting-invalid",
        message:
          /^Invalid value for "\w+" in \/srv\/a\/offhook\.json: .*\. The path must not lead out of the service's folder\.$/,
      });
      assert.doesNotThrow(() => resolve({ own: { [key]: path } }), "the operator may");
    }
  });
}

for (const path of [".env", "..env", "config/..data/.env", "a..b", "./src"]) {
  test(`a deployment can have its files at ${path}`, () => {
    assert.equal(resolve({ deployment: { env: path } }).settings.env, path);
  });
}

const refused: readonly (readonly [string, Case, string, RegExp])[] = [
  [
    "a deployment's unknown key",
    { deployment: { timout: 1 } },
    "setting-unknown",
    /"timout" in \/srv.*mean timeout\?$/,
  ],
  [
    "a deployment's invalid value",
    { deployment: { timeout: "x" } },
    "setting-invalid",
    /^Invalid value for "timeout" in \/srv.*: "x"\. Expected/,
  ],
  [
    "a deployment's invalid value that the operator has replaced",
    { deployment: { timeout: "x" }, own: { timeout: 1 } },
    "setting-invalid",
    /"timeout" in \/srv/,
  ],
  [
    "an unknown maximum",
    { maxima: { timout: 1 } },
    "setting-unknown",
    /"timout" in the maxima; did you mean timeout\?$/,
  ],
  [
    "a maximum of a setting without one",
    { maxima: { env: ".env" } },
    "setting-unknown",
    /"env" in the maxima: this setting has no maximum$/,
  ],
  [
    "a maximum of the server",
    { maxima: { port: 1 } },
    "setting-unknown",
    /"port" in the maxima: this setting has no maximum$/,
  ],
  [
    "an invalid maximum",
    { maxima: { memory: "1kb" } },
    "setting-invalid",
    /^Invalid value for "memory" in the maxima: "1kb"\. Expected/,
  ],
  [
    "a server setting for one service",
    { own: { port: 1 } },
    "setting-unknown",
    /"port" in the settings of a: a service cannot/,
  ],
  ["an unknown setting for one service", { own: { memori: 1 } }, "setting-unknown", /mean memory\?$/],
  ["a property name of every object", { deployment: { toString: 1 } }, "setting-unknown", /"toString"/],
  ["a prototype", { deployment: JSON.parse('{"__proto__":{}}') as Values }, "setting-unknown", /"__proto__"/],
];

for (const [name, sources, code, message] of refused) {
  test(`${name} is refused`, () => {
    assert.throws(() => resolve(sources), { code, message });
  });
}

test("no message contains the secret of a deployment", () => {
  for (const [name, sources] of [
    ["invalid", { deployment: { sharedKeySecret: "hush\0" } }],
    ["of the operator", { own: { sharedKeySecret: "hush\0" } }],
  ] as const) {
    assert.throws(
      () => resolve(sources),
      (error) => !inspect(error).includes("hush"),
      name,
    );
  }
  assert.deepEqual(resolve({ deployment: { sharedKeySecret: "hush" } }).warnings, []);
});
