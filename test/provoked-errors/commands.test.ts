import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ApiClient } from "../../packages/client/src/api-client.ts";
import { tryLogin } from "../../packages/client/src/login.ts";
import { readProfile } from "../../packages/client/src/profile.ts";
import { openDebugger } from "../../packages/runtime/src/debug/debug-host.ts";
import { commandErrors } from "../../packages/runtime/src/ledger/commands.ts";
import { makeProject } from "../../packages/runtime/test/unit/project/temp-project.ts";
import {
  lockDataFolder,
  readMasterKey,
  refuseUnreachablePrograms,
} from "../../packages/serve/src/operators/data-folder.ts";
import { verifyDomain } from "../../packages/serve/src/operators/domains.ts";
import { withOffice } from "../../packages/serve/src/operators/office.ts";
import { prepareFirstStart } from "../../packages/serve/src/operators/first-start.ts";
import { MasterKey } from "../../packages/serve/src/secrets/sealing.ts";
import { Clock } from "../../packages/serve/src/store/clock.ts";
import { openStore } from "../../packages/serve/src/store/store.ts";
import { repository, startOffhook } from "../offhook-process.ts";
import { runOffhook, runProgram } from "../typed-project.ts";
import { testEachCode, type Provocation } from "./provocation.ts";

const hello = { "functions/hello.js": "exports.handler = (context, event, callback) => callback(null, 'hello');" };

const codeIn = (text: string): string | undefined => /\[([a-z-]+)\]\n$/.exec(text)?.[1];

async function codeOf(result: Promise<unknown>): Promise<unknown> {
  return await result.catch((error: { code?: unknown }) => error.code);
}

/** A command that fails in a project with these files. */
function failing(command: string, files: Readonly<Record<string, string>> = hello): Provocation {
  return async (t) => codeIn((await runOffhook(makeProject(t, files), ...command.split(" "))).err);
}

/** A command for a port that is in use. @param options of the command, up to the port. */
function wantingPort(options: string): Provocation {
  return async (t) => failing(options + (await takenPort(t)))(t);
}

async function takenPort(t: TestContext): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A request with a secret. The journal does not keep it, so it cannot be sent again. */
async function replaySecret(t: TestContext): Promise<unknown> {
  const folder = makeProject(t, hello);
  const offhook = await startOffhook(folder, { verb: "dev", flags: ["--isolate-user", "same"] });
  await fetch(`${offhook.url}/hello?Token=secret`);
  await offhook.stop();
  return codeIn((await runOffhook(folder, "replay", "last")).err);
}

const times = { created_at: 1, updated_at: 1 };
const service = {
  ...times,
  sid: "ZS0",
  account_sid: `AC${"0".repeat(32)}`,
  unique_name: "shop",
  friendly_name: "",
  include_credentials: 1,
  ui_editable: 0,
  domain_base: "shop-1234",
  settings: null,
};
const environment = {
  ...times,
  sid: "ZE0",
  account_sid: service.account_sid,
  service_sid: service.sid,
  unique_name: "production",
  domain_suffix: "",
  build_sid: null,
  deployment_sid: null,
  revision: 1,
};

const claimedDomain = {
  name: "shop.example.com",
  account_sid: "AC0",
  environment_sid: "ZE0",
  kind: "custom",
  proof: "secret",
  verified_at: null,
  released_at: null,
  created_at: 1,
} as const;

const accountSid = `AC${"0".repeat(32)}`;

/** The data folder of a server that has started once, in a folder that also has a token. */
async function makeDataFolder(t: TestContext): Promise<{
  readonly folder: string;
  readonly operate: (...words: string[]) => Promise<string | undefined>;
}> {
  const parent = makeProject(t, { "token.txt": "token-of-the-account" });
  const folder = join(parent, "data");
  mkdirSync(folder);
  const masterKey = new MasterKey(await readMasterKey(folder, undefined));
  const store = await openStore(join(folder, "offhook.db"));
  await prepareFirstStart({ store, clock: new Clock(), masterKey }, { sid: accountSid, authToken: "token" });
  await store.destroy();
  return { folder, operate: async (...words) => codeIn((await runOffhook(parent, ...words, "--data", "data")).err) };
}

testEachCode(commandErrors, {
  "folder-missing": failing("start nowhere"),
  "project-empty": failing("start", {}),
  "path-duplicate": failing("start", { "functions/a.js": "", "functions/a.protected.js": "" }),
  "asset-too-large": failing("start --asset-limit 1kB", { "assets/a.txt": "x".repeat(2_000) }),
  "file-unreadable": async (t) => {
    const folder = makeProject(t, hello);
    mkdirSync(join(folder, ".env"));
    return codeIn((await runOffhook(folder, "start")).err);
  },
  "file-unwritable": async (t) => {
    const folder = makeProject(t, hello);
    symlinkSync(join(folder, "nowhere/types"), join(folder, "offhook-env.d.ts"));
    return codeIn((await runOffhook(folder, "types")).err);
  },
  "file-malformed": failing("init", { "package.json": "{" }),
  "data-folder-unusable": failing("serve --data functions/hello.js/data"),
  "data-folder-in-use": async (t) => {
    const { folder, operate } = await makeDataFolder(t);
    t.after(await lockDataFolder(folder));
    return await operate("keys", "reseal");
  },
  "data-folder-empty": failing("status --data nowhere"),
  "master-key-unusable": async (t) => {
    const { folder, operate } = await makeDataFolder(t);
    rmSync(join(folder, "master.key"));
    return await operate("accounts", "token", accountSid, "--auth-token-file", "token.txt");
  },
  "account-invalid": async (t) => (await makeDataFolder(t)).operate("keys", "create", "--account", "AC0"),
  "key-unknown": async (t) => (await makeDataFolder(t)).operate("keys", "revoke", "SK0"),
  "record-unknown": async (t) => (await makeDataFolder(t)).operate("builds", "show", "ZB0"),
  "program-unreachable": async (t) => {
    const folder = makeProject(t, { "closed/program.js": "" });
    chmodSync(join(folder, "closed"), 0o700);
    const refuse = async (): Promise<void> =>
      refuseUnreachablePrograms([join(folder, "closed/program.js")], { uid: 12_345, gid: 12_345 });
    return await codeOf(refuse());
  },
  "domain-invalid": async (t) => (await makeDataFolder(t)).operate("domains", "add", "nowhere", "--environment", "ZE0"),
  "domain-unproven": async (t) => {
    const { folder } = await makeDataFolder(t);
    const store = await openStore(join(folder, "offhook.db"));
    await store.insertInto("service").values(service).execute();
    await store.insertInto("environment").values(environment).execute();
    await store.insertInto("domain").values(claimedDomain).execute();
    await store.destroy();
    const verified = withOffice(folder, undefined, (office) =>
      verifyDomain(office, claimedDomain.name, async () => []),
    );
    return await codeOf(verified);
  },
  "login-missing": (t) => codeOf(readProfile({ HOME: makeProject(t) })),
  "login-refused": () => codeOf(tryLogin({ url: "http://127.0.0.1:1", key: "SK0", secret: "" })),
  "deployment-failed": () =>
    codeOf(new ApiClient({ url: "http://127.0.0.1:1", key: "SK0", secret: "" }).post("/v1/Services", {})),
  "program-missing": failing("with"),
  "setting-unknown": failing("start --no-such-setting"),
  "setting-invalid": failing("start --port 99999"),
  "request-unknown": failing("replay ffff"),
  "request-not-repeatable": replaySecret,
  "command-unknown": failing("serv"),
  "port-in-use": wantingPort("start --host 127.0.0.1 --port "),
  "debugger-port-in-use": wantingPort("dev --port 0 --isolate-user same --inspect="),
  "debugger-unavailable": async () => {
    // Newer versions of Node have the flag that permits a debugger.
    const opened = openDebugger(
      { sid: "ZS0", folder: "/project" },
      { host: "127.0.0.1", port: 0, breaks: false },
      true,
      new Set(),
    );
    return await codeOf(opened);
  },
  "address-unavailable": failing("start --port 0 --host 203.0.113.1"),
  "types-outdated": failing("types --check"),
  "function-unknown": failing("invoke nope"),
  "function-private": failing("invoke lib", { "functions/lib.private.js": "" }),
  "signing-key-missing": failing("invoke hello --signed", { "functions/hello.protected.js": "" }),
  "name-invalid": failing("new function ../x"),
  "file-exists": failing("new function hello.js"),
  "node-too-old": launchedWith(`Object.defineProperty(process.versions, "node", { value: "20.20.2" });`),
  "platform-unsupported": launchedWith(`Object.defineProperty(process, "platform", { value: "win32" });`),
});

/** Runs the launcher outside the checkout, because its own Node would be used there. */
function launchedWith(preloaded: string) {
  return async (t: TestContext): Promise<string | undefined> => {
    const folder = makeProject(t);
    mkdirSync(join(folder, "bin"));
    const launcher = join(folder, "bin/offhook.cjs");
    copyFileSync(join(repository, "packages/cli/bin/offhook.js"), launcher);
    const file = join(folder, "preloaded.cjs");
    writeFileSync(file, preloaded);
    return codeIn((await runProgram(process.execPath, ["--require", file, launcher], folder)).err);
  };
}
