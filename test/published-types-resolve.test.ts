/**
 * Strict projects compile against the published packages, with every way in which compilers resolve modules.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { repository } from "./offhook-process.ts";
import { allPackages, install, linkPackage, removeCopy, run } from "./packed-packages.ts";

after(removeCopy);

const newest = join(repository, "node_modules/typescript/bin/tsc");
const oldest = join(repository, "test/old-typescript/node_modules/typescript/bin/tsc");

interface Resolution {
  readonly name: string;
  readonly compiler: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const resolutions: readonly Resolution[] = [
  { name: "node10", compiler: oldest, options: { module: "commonjs", moduleResolution: "node10" } },
  { name: "commonjs, with the default", compiler: oldest, options: { module: "commonjs" } },
  { name: "node16", compiler: oldest, options: { module: "node16" } },
  { name: "nodenext", compiler: oldest, options: { module: "nodenext" } },
  { name: "bundler", compiler: oldest, options: { module: "esnext", moduleResolution: "bundler" } },
  { name: "nodenext of the newest compiler", compiler: newest, options: { module: "nodenext" } },
  {
    name: "bundler of the newest compiler",
    compiler: newest,
    options: { module: "esnext", moduleResolution: "bundler" },
  },
];

test("every entry of every package has types, and the wrappers' types match their code", async (t) => {
  const folder = await install(t, allPackages);
  for (const name of ["twilio", "@types/node", "preact"]) await linkPackage(folder, name);
  const entries: string[] = [];
  for (const { name } of allPackages) {
    const manifest = JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8")) as {
      exports?: Record<string, unknown>;
    };
    for (const entry of Object.keys(manifest.exports ?? {})) entries.push(name + entry.slice(1));
  }
  assert.ok(entries.includes("@offhook/helpers/testing") && entries.includes("@offhook/runtime/types"));
  await writeFile(join(folder, "functions.ts"), functions);
  await writeFile(
    join(folder, "entries.mts"),
    entries.map((entry, i) => (entry.endsWith("/globals") ? `import "${entry}";` : importAll(entry, i))).join("\n"),
  );
  for (const { name, compiler, options } of resolutions) {
    await t.test(name, async () => {
      const strict = { target: "es2022", strict: true, noEmit: true, skipLibCheck: true, types: ["node"] };
      // The entry with the globals exports nothing. Imports for side effects are only checked with this option.
      const checked = { ...strict, noUncheckedSideEffectImports: true };
      const config = { compilerOptions: { ...checked, ...options }, files: ["functions.ts", "entries.mts"] };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
      await run(process.execPath, [compiler, "-p", folder]).catch(({ stdout }: { stdout: string }) =>
        assert.fail(stdout),
      );
    });
  }
});

test("the types reject code that would fail", async (t) => {
  const folder = await install(t, allPackages);
  for (const name of ["twilio", "@types/node"]) await linkPackage(folder, name);
  const options = { module: "nodenext", strict: true, noEmit: true, skipLibCheck: true, types: ["node"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["functions.ts"] }));
  for (const [right, wrong] of [
    ["response.setHeaders({", "response.setHeader({"],
    ["setStatusCode(200)", 'setStatusCode("200")'],
    ["event.TokenResult.roles", "event.TokenResult.rolls()"],
    ["sid: string = event.Sid", "sid: number = event.Sid"],
  ] as const) {
    assert.ok(functions.includes(right), right);
    await writeFile(join(folder, "functions.ts"), functions.replace(right, wrong));
    await assert.rejects(
      run(process.execPath, [newest, "-p", folder]),
      ({ stdout }: { stdout: string }) => /error TS/.test(stdout),
      wrong,
    );
  }
});

function importAll(entry: string, i: number): string {
  return `import * as entry${i} from "${entry}"; void entry${i};`;
}

const functions = `
import { prepareFlexFunction, prepareStudioFunction } from "@offhook/helpers";
import { callFunction, fakeContext } from "@offhook/helpers/testing";
import type { Handler, TwilioResponse } from "@offhook/runtime/types";

/** The author's own code, which takes any response of the platform. */
function keepOut(response: TwilioResponse): TwilioResponse {
  return response.appendHeader("Cache-Control", "no-store");
}

export const studio: Handler = prepareStudioFunction(["name"], async (context, event, callback, response) => {
  response.setHeaders({ "Cache-Control": "no-store", Vary: ["Origin", "Cookie"] });
  response.setCookie("seen", "1", ["Max-Age=60"]).removeCookie("old");
  response.appendHeader("Set-Cookie", ["a=1", "b=2"]);
  keepOut(response).setStatusCode(200).setBody({ name: event.name });
  return callback(null, response);
});

export const typed = prepareStudioFunction<{ name: string }>(["name"], (context, event, callback, response) => {
  const agent: string | undefined = event.request?.headers["user-agent"];
  return callback(null, response.setBody({ name: event.name.trim(), agent }));
});

export const flex = prepareFlexFunction<{ Sid: string }>(["Sid"], (context, event, callback, response) => {
  const sid: string = event.Sid;
  const roles: readonly string[] | undefined = event.TokenResult.roles;
  const token: string | undefined = event.Token;
  return callback(null, response.setBody({ sid, roles, token, cookies: event.request?.cookies }));
});

interface Caller {
  readonly Sid: string;
  readonly TokenResult: { readonly identity?: string };
}

export const annotated = prepareFlexFunction(["Sid"], (context, event: Caller, callback, response: TwilioResponse) =>
  callback(null, response.setBody({ sid: event.Sid, identity: event.TokenResult.identity })),
);

export const untyped = prepareFlexFunction(["Sid"], async (context, event, callback, response) => {
  response.setBody({ sid: event.Sid, roles: event.TokenResult.roles });
  return callback(null, response);
});

export const call = () => callFunction(flex, { context: fakeContext() });
`;
