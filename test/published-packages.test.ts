/**
 * The published packages work without their sources.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { visitDashboard } from "./dashboard-visit.ts";
import { repository, startOffhook } from "./offhook-process.ts";
import { check, cli, dashboard, helpers, install, linkPackage, removeCopy, run } from "./packed-packages.ts";

after(removeCopy);

test("the packed packages serve a project", async (t) => {
  const folder = await install(t, [cli]);
  const command = join(folder, "node_modules/offhook/bin/offhook.js");
  await using offhook = await startOffhook(join(repository, "examples/voice-ivr"), { command });
  const started = await offhook.logged((line) => line["event"] === "started");
  const [{ path: voice }] = started["functions"] as [{ path: string }];
  const reply = await fetch(`${offhook.url}${voice}`, { method: "POST" });
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get("content-type") ?? "", /^text\/xml/);
  assert.match(await reply.text(), /<Response>/);
});

test("the packed packages have types for functions, and the packed command adds those of a project", async (t) => {
  const folder = await install(t, [cli]);
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };
  await write(".env", "GREETING=Good morning");
  const handler = (name: string): string => `// @ts-check
/** @type {import("@offhook/runtime/types").Handler} */
exports.handler = (context, event, callback) => callback(null, context.${name} + Runtime.getFunctions().hello.path);`;
  await write("functions/hello.js", handler("GREETING"));
  await run(process.execPath, [join(folder, "node_modules/offhook/bin/offhook.js"), "types"], { cwd: folder });
  const options = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowJs: true,
  };
  await write("tsconfig.json", JSON.stringify({ compilerOptions: options, include: ["functions", "*.d.ts"] }));
  const compile = (): Promise<unknown> => run(join(repository, "node_modules/.bin/tsc"), ["-p", folder]);
  await compile();
  await write("functions/hello.js", handler("GRETING"));
  await assert.rejects(compile, ({ stdout }: { stdout: string }) => /hello\.js.*error TS.*GRETING/.test(stdout));
  // Imports that the compiler keeps must resolve.
  await write("imports.mjs", `await import("@offhook/runtime/types"); await import("@offhook/runtime/globals");`);
  await run(process.execPath, [join(folder, "imports.mjs")], { env: { PATH: process.env["PATH"] } });
});

test("the packed packages serve TypeScript, with the transformer's requirements", async (t) => {
  const folder = await install(t, [cli]);
  const project = join(folder, "project");
  await mkdir(join(project, "functions"), { recursive: true });
  await writeFile(join(project, "tsconfig.json"), '{ "compilerOptions": { "experimentalDecorators": true } }');
  await writeFile(
    join(project, "functions/a.ts"),
    `const mark = (made: Function) => void Object.assign(made, { marked: "decorated" });
     @mark class Thing {}
     export const handler = (c: unknown, e: unknown, callback: Function) => callback(null, (Thing as any).marked);`,
  );
  const command = join(folder, "node_modules/offhook/bin/offhook.js");
  await using offhook = await startOffhook(project, { command });
  assert.equal(await (await fetch(`${offhook.url}/a`)).text(), "decorated");
});

test("the packed command makes a project, adds a function and invokes it", async (t) => {
  const folder = await install(t, [cli]);
  const command = join(folder, "node_modules/offhook/bin/offhook.js");
  const offhook = (...args: string[]) => run(process.execPath, [command, ...args], { cwd: join(folder, "made") });
  await mkdir(join(folder, "made"));
  for (const template of ["sms", "flex"]) await offhook("init", "--template", template);
  // npm leaves these names out of packages, or changes them.
  for (const name of [".gitignore", ".env.example"]) assert.ok(existsSync(join(folder, "made", name)), name);
  assert.ok(existsSync(join(folder, "made/functions/common/helpers/function-helper.private.js")));
  await offhook("new", "function", "told", "--as", "studio");
  const replied = await offhook("invoke", "sms", "--as", "sms", "--data", "Body=hours", "--signed");
  assert.match(replied.stdout, /<Message>We are open/);
  assert.equal((await offhook("invoke", "told")).stdout, '{"success":true}');
  await offhook("init", "../typed", "--typescript");
  assert.ok(existsSync(join(folder, "typed/tsconfig.json")));
});

test("the packed command runs check and doctor", async (t) => {
  const folder = await install(t, [cli]);
  const project = join(folder, "project");
  await mkdir(join(project, "functions"), { recursive: true });
  await writeFile(join(project, "functions/a.js"), "exports.handler = (c, e, callback) => callback(e.request.method);");
  const command = join(folder, "node_modules/offhook/bin/offhook.js");
  const offhook = async (...args: string[]): Promise<string> => {
    const ended = run(process.execPath, [command, ...args], { cwd: project, env: { PATH: process.env["PATH"] } });
    return (await ended.catch((error: { stdout: string }) => error)).stdout;
  };
  assert.match(await offhook("check"), /^functions\/a\.js:1:58 {2}error .+\[request-property\]$/m);
  assert.match(await offhook("doctor", "--port", "0"), /An isolate starts and answers/);
  await writeFile(join(project, "functions/b.js"), "exports.handler = (c) => {\n  c.API_KEY.trim();\n};");
  const { hints } = JSON.parse(await offhook("invoke", "b", "--json")) as { hints: unknown };
  assert.deepEqual(hints, [{ text: "API_KEY is not set in .env.", file: "functions/b.js", line: 2, column: 13 }]);
});

test("the packed command has a dashboard", async (t) => {
  const folder = await install(t, [cli]);
  const command = join(folder, "node_modules/offhook/bin/offhook.js");
  const project = join(folder, "project");
  await mkdir(join(project, "functions"), { recursive: true });
  await writeFile(join(project, "functions/a.js"), "exports.handler = (c, e, callback) => callback(null, 'a');");
  await using offhook = await startOffhook(project, { command, verb: "dev" });
  const { origin, headers, html } = await visitDashboard(offhook);
  const [, script = ""] = /<script type="module" src="([^"]+)"/.exec(html) ?? [];
  assert.match(await (await fetch(origin + script, { headers })).text(), /EventSource/);
  assert.equal(await (await fetch(`${offhook.url}/a`)).text(), "a");
  for (const [what, expected] of [
    ["exchanges", /"path":"\/a"/],
    ["simulations", /"MessageSid"/],
  ] as const) {
    assert.match(await (await fetch(`${origin}/api/${what}`, { headers })).text(), expected);
  }
});

/** A project that is read by a package without the command. */
async function writeProject(folder: string): Promise<void> {
  await mkdir(join(folder, "project/functions"), { recursive: true });
  const source = "exports.handler = (context, event, callback) => callback(null, context.API_KEY.trim());";
  await writeFile(join(folder, "project/functions/a.js"), source);
}

test("the packed checks work without the command", async (t) => {
  const folder = await install(t, [check]);
  assert.ok(!existsSync(join(folder, "node_modules/offhook")));
  await writeProject(folder);
  const found = await runNode(
    folder,
    "checks.mjs",
    `
    import { check } from "@offhook/check";
    import { readCheckedProject } from "@offhook/check/checked-project";
    import { OutlineThread } from "@offhook/check/outline-thread";
    import { loadSettings } from "@offhook/runtime/settings";
    const project = new URL("project", import.meta.url).pathname;
    const settings = await loadSettings(project, { flags: {}, environment: {} });
    const { findings } = check(await readCheckedProject(project, settings), []);
    const outlines = new OutlineThread();
    const { variables } = outlines.outlineOf(project + "/functions/a.js");
    outlines.close();
    console.log(JSON.stringify([findings.map(({ rule }) => rule), variables.map(({ name }) => name)]));`,
  );
  assert.deepEqual(found, [["variable-unset"], ["API_KEY"]]);
});

test("the packed dashboard works without the command", async (t) => {
  const folder = await install(t, [dashboard]);
  assert.ok(!existsSync(join(folder, "node_modules/offhook")));
  await writeProject(folder);
  const answer = await runNode(
    folder,
    "dashboard.mjs",
    `
    import { DashboardHost } from "@offhook/dashboard";
    import { loadProject } from "@offhook/runtime/project";
    import { loadSettings } from "@offhook/runtime/settings";
    const project = new URL("project", import.meta.url).pathname;
    const settings = await loadSettings(project, { flags: {}, environment: {} });
    const { service } = await loadProject(project, settings);
    const host = DashboardHost.open(service, { publicUrl: undefined, version: "1.2.3" });
    await host.listen({ url: "http://127.0.0.1:1", address: { host: "127.0.0.1", port: 1 } }, 0);
    const page = await fetch(await host.link());
    const answer = [page.status, (await page.text()).includes("page/main.js")];
    await host.stop();
    console.log(JSON.stringify(answer));`,
  );
  assert.deepEqual(answer, [200, true]);
});

/** Plain Node must run all published files, without flags and TypeScript. */
async function runNode(folder: string, name: string, source: string): Promise<unknown> {
  await writeFile(join(folder, name), source);
  const { stdout } = await run(process.execPath, [join(folder, name)], { env: { PATH: process.env["PATH"] } });
  return JSON.parse(stdout);
}

const names = [
  "HttpError",
  "executeTwilio",
  "executeWithRetry",
  "extractStandardResponse",
  "getRegionUrl",
  "memoryStore",
  "prepareFlexFunction",
  "prepareStudioFunction",
  "retryHandler",
  "sqliteStore",
  "twilioEventKey",
  "twilioExecute",
  "validateParameters",
];

test("the packed wrappers load as CommonJS and as ES modules, as one copy", async (t) => {
  const folder = await install(t, [helpers]);
  const required = await runNode(
    folder,
    "required.cjs",
    `console.log(JSON.stringify(Object.keys(require("@offhook/helpers")).toSorted()))`,
  );
  assert.deepEqual(required, names);
  const imported = await runNode(
    folder,
    "imported.mjs",
    `
    import { createRequire } from "node:module";
    import { ${names.join(", ")} } from "@offhook/helpers";
    import { fakeContext, useFakeClock } from "@offhook/helpers/testing";
    const required = createRequire(import.meta.url)("@offhook/helpers");
    const clock = useFakeClock();
    const busy = () => { throw Object.assign(new Error("busy"), { status: 503 }); };
    console.warn = () => {};
    const result = await required.executeWithRetry(fakeContext(), busy);
    console.log(JSON.stringify([required.HttpError === HttpError, result.status, clock.waits.length]));`,
  );
  assert.deepEqual(imported, [true, 503, 5]);
});

test("replacing validateParameters in the packed wrappers replaces it in all of them", async (t) => {
  const folder = await install(t, [helpers]);
  const answers = await runNode(
    folder,
    "replaces.cjs",
    `
    const helpers = require("@offhook/helpers");
    const { callFunction, installGlobals } = require("@offhook/helpers/testing");
    installGlobals();
    console.error = () => {};
    const handler = helpers.prepareStudioFunction(["a"], (context, event, callback) => callback(null, "ran"));
    (async () => {
      const before = await callFunction(handler, { event: { a: "1" } });
      helpers.validateParameters = (path, parameters, required) => "not like this: " + required;
      const after = await callFunction(handler, { event: { a: "1" } });
      console.log(JSON.stringify([before.body, after.status, after.json().message]));
    })();`,
  );
  assert.deepEqual(answers, ["ran", 400, "not like this: a"]);
});

test("the packed wrappers have types", async (t) => {
  const folder = await install(t, [helpers]);
  for (const name of ["zod", "twilio", "@types/node"]) await linkPackage(folder, name);
  const options = { module: "nodenext", target: "es2023", strict: true, noEmit: true, skipLibCheck: true };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
  await writeFile(join(folder, "consumer.ts"), consumer);
  const compile = (): Promise<unknown> => run(join(repository, "node_modules/.bin/tsc"), ["-p", folder]);
  await compile();
  for (const [right, wrong] of [
    ["const table: number = event.table", "const table: string = event.table"],
    ["const friendlyName: string = data.friendlyName", "const friendlyName: number = data.friendlyName"],
    ["const state: string = result.data.state", "const state: number = result.data.state"],
    ["if (!result.success) throw", "if (result.success) throw"],
    ['roles: ["admin"]', "roles: [1]"],
  ] as const) {
    assert.ok(consumer.includes(right));
    await writeFile(join(folder, "consumer.ts"), consumer.replace(right, wrong));
    await assert.rejects(compile, ({ stdout }: { stdout: string }) => /error TS/.test(stdout), wrong);
  }
});

const consumer = `
import { HttpError, executeWithRetry, prepareFlexFunction, prepareStudioFunction, twilioExecute } from "@offhook/helpers";
import { assertTwiml, callFunction, fakeContext, incomingMessage } from "@offhook/helpers/testing";
import { z } from "zod";

export const handler = prepareStudioFunction(z.object({ table: z.coerce.number() }), async (context, event, callback, response) => {
  const table: number = event.table;
  const { success, data, status } = await twilioExecute(context, (client) => client.conversations.v1.conversations("CH1").fetch());
  if (success) {
    const friendlyName: string = data.friendlyName;
    response.setBody({ table, friendlyName });
  }
  response.setStatusCode(status);
  return callback(null, response);
});

export const flex = prepareFlexFunction(["name"], async (context, event) => {
  const roles: readonly string[] | undefined = event.TokenResult.roles;
  const result = await executeWithRetry(context, async ({ signal, attempt }) => {
    const answer = await fetch("https://example.com", { signal });
    return (await answer.json()) as { state: string; attempt: typeof attempt };
  }, { backoff: "exponential", breaker: "example.com", log: (line) => console.log(line.outcome) });
  if (!result.success) throw HttpError.of(result);
  const state: string = result.data.state;
  return { state, roles, name: String(event.name) };
}, { roles: ["admin"], returnsData: true });

export async function check(): Promise<void> {
  const reply = await callFunction(flex, { context: fakeContext(), event: incomingMessage({ Body: "hi" }) });
  assertTwiml(reply, "<Response/>");
}
`;

const maxPageBytes = 60_000;
/** With the phone, which is loaded when the user opens it. */
const maxBytes = 70_000;

test("the packed page is a script and a style sheet, loads only the phone later, and is small", async (t) => {
  const folder = await install(t, [dashboard]);
  const { html, policy, files, phone } = (await runNode(folder, "page.mjs", pageReader)) as {
    html: string;
    phone: string;
    policy: string;
    files: Record<string, string>;
  };
  assert.deepEqual(Object.keys(files), ["page/logo.svg", "page/style.css", "page/main.js"]);
  assert.doesNotMatch(files["page/style.css"] ?? "", /@import|url\(/);
  // The phone's script also contains the text of a test, with imports on lines of their own.
  const imports = /(?:^|;)import[^;]*?\bfrom["'`]([^"'`]+)|\bimport\(["'`]([^"'`]+)/g;
  const imported = [files["page/main.js"] ?? "", phone].map((text) =>
    [...text.matchAll(imports)].map(([, fixed, dynamic]) => fixed ?? dynamic),
  );
  assert.deepEqual(imported, [["./phone-view.js"], ["./main.js"]]);
  // The page has no inline scripts, so the policy does not allow any.
  assert.doesNotMatch(html, /<script(?![^>]* src=)|nonce/);
  assert.match(policy, /script-src 'self';/);
  const bytes = [html, ...Object.values(files)].reduce((sum, text) => sum + gzipSync(text).length, 0);
  t.diagnostic(`${bytes} bytes, each file compressed`);
  assert.ok(bytes < maxPageBytes, `${bytes} bytes`);
  assert.ok(bytes + gzipSync(phone).length < maxBytes, `${bytes + gzipSync(phone).length} bytes with the phone`);
  const packed = join(folder, "node_modules/@offhook/dashboard");
  assert.match(await readFile(join(packed, "dist/page/preact-license.txt"), "utf8"), /MIT License/);
  // The page's script contains its packages, so users do not install them.
  const { dependencies } = JSON.parse(await readFile(join(packed, "package.json"), "utf8")) as Record<string, object>;
  assert.deepEqual(Object.keys(dependencies ?? {}), ["@offhook/helpers", "@offhook/runtime", "launch-editor"]);
});

/** Loads the page and the files that it names. */
const pageReader = `
import { contentSecurityPolicy, pageHtml, readSiteFile } from "@offhook/dashboard/site";
const html = pageHtml({ token: "t", nonce: "n" });
const paths = [...html.matchAll(/(?:src|href)="\\/([^"]+)"/g)].map((match) => match[1]);
const files = Object.fromEntries(paths.map((path) => [path, readSiteFile(path)?.body]));
const phone = readSiteFile("page/phone-view.js").body;
console.log(JSON.stringify({ html, policy: contentSecurityPolicy("n", "http://localhost:3000"), files, phone }));
`;
