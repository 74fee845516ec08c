/**
 * Compiles functions as authors write them with the published types, in TypeScript and in JavaScript. Correct functions
 * compile, and wrong ones do not.
 */
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "./offhook-process.ts";
import { compile, makeTypedProject, runOffhook } from "./typed-project.ts";

const project = {
  ".env": "GREETING=Good morning\nsignal-box=1\nTZ=UTC\n",
  "package.json": "{}",
  "functions/common/hours.private.js": "exports.hours = [9, 17];\n",
  "functions/hello.js": "",
  "assets/prices.private.json": "{}",
  "assets/logo.svg": "",
};

/** Statements in a handler: a correct one, and a wrong one that is similar. */
const statements: readonly (readonly [right: string, wrong: string])[] = [
  // context
  ["context.GREETING.trim()", "context.GRETING"],
  ["context['signal-box'].trim()", "context['signal_box']"],
  ["context.DOMAIN_NAME.trim()", "context.DOMAINNAME"],
  ["context.PATH + context.SERVICE_SID + context.ENVIRONMENT_SID", "context.PATH()"],
  ["context.AUTH_TOKEN?.trim()", "context.AUTH_TOKEN.trim()"],
  ["await fetch('https://example.com', { signal: context.signal })", "context.signal.abort()"],
  ["context.getRemainingTimeInMillis().toFixed()", "context.getRemainingTimeInMillis().trim()"],
  ["await context.getTwilioClient().messages('SM1').fetch()", "await context.getTwilioClient().message('SM1').fetch()"],
  ["context.getTwilioClient({ region: 'ie1' })", "context.getTwilioClient('ie1')"],
  ["process.env.GREETING.trim()", "process.env.GRETING.trim()"],
  ["process.env.TZ?.trim()", "process.env.TZ.trim()"],
  // event
  ["event.request.headers['x-tag']?.at(0)", "event.request.header"],
  ["event.request.cookies['a']?.trim()", "event.request.cookies.a.trim()"],
  ["event.anything.at.all", "event.request.at.all"],
  // callback
  ["callback(null, 'text')", "callback(null, 'text', 200)"],
  ["callback(null, { any: ['thing'], of: { which: 1 } })", "callback(null, Symbol('none'))"],
  ["callback(null, [1, 2])", "callback(null, 1n)"],
  ["callback(null, JSON.parse('{}'))", "callback(null, JSON.parse)"],
  [
    "callback(null, new Twilio.twiml.MessagingResponse().message('Hi'))",
    "callback(null, new Twilio.twiml.SmsResponse())",
  ],
  ["callback(null, await Promise.resolve({}))", "callback(null, Promise.resolve({}))"],
  ["callback(null, new Response())", "callback(null, await fetch('https://example.com'))"],
  ["callback(null, new Twilio.Response().setBody(Buffer.from('')))", "callback(null, Buffer.from(''))"],
  ["try { callback() } catch (error) { callback(error) }", "callback.call()()"],
  ["callback('no such number')", "callback('no such number', 7n)"],
  // Twilio, Runtime, Response
  ["Twilio('AC1', 'token').messages", "Twilio('AC1', 'token').massages"],
  ["new Twilio.jwt.AccessToken('a', 'b', 'c', { identity: 'd' })", "new Twilio.jwt.AccessToken('a', 'b')"],
  ["new Twilio.Response({ statusCode: 201, headers: { a: ['b'] } })", "new Twilio.Response({ status: 201 })"],
  [
    "new Twilio.Response().setStatusCode(201).appendHeader('a', ['b']).setBody({})",
    "new Twilio.Response().setStatusCode('201')",
  ],
  [
    "new Twilio.Response().setCookie('a', 'b', ['Max-Age=1']).removeCookie('a')",
    "new Twilio.Response().setCookie('a', 'b', 'Max-Age=1')",
  ],
  ["new Twilio.Response().setHeaders({ a: 'b', c: 1 })", "new Twilio.Response().setHeaders({ a: { b: 'c' } })"],
  ["Runtime.getFunctions()['common/hours'].path.trim()", "Runtime.getFunctions()['common/huors'].path"],
  ["Runtime.getFunctions().hello.path", "Runtime.getFunctions().hello.open()"],
  ["Runtime.getAssets()['/prices.json'].open().trim()", "Runtime.getAssets()['prices.json'].open()"],
  ["Runtime.getAssets()['/prices.json'].path", "Runtime.getAssets()['/logo.svg'].path"],
  ["await Runtime.getSync({ serviceName: 'a' }).maps('b').fetch()", "await Runtime.getSync().map('b').fetch()"],
  ["await Runtime.getSync().lists.list()", "Runtime.getSync('default')"],
  ["new Response({ statusCode: 201 }).setBody('text')", "new Response('text', { status: 201 }).setBody('text')"],
  ["await new Response('text', { status: 201 }).text()", "await new Response({ statusCode: 201 }).text()"],
  ["Response.json({}).ok", "Response.xml({}).ok"],
];

/** Whole files of TypeScript. */
const programs: readonly (readonly [right: string, wrong: string])[] = [
  [
    "export const handler: Handler = (context, event: IncomingMessage, callback) => callback(null, event.Body);",
    "export const handler: Handler = (context, event: string, callback) => callback(null, event);",
  ],
  [
    "export const handler: Handler = (context, event, callback) => callback(null, event.x);",
    "export const handler: Handler = () => ({ message: 'Hi' });",
  ],
  [
    "export const handler: Handler<{ A: string }> = (context, event, callback) => callback(null, context.A);",
    "export const handler: Handler<{ A: string }> = (context, event, callback) => callback(null, context.GREETING);",
  ],
  [
    "export const handler: Handler<Variables, IncomingMessage> = (context, event, callback) => callback(null, event.Body.trim() + event.MediaUrl0);",
    "export const handler: Handler<Variables, IncomingMessage> = (context, event, callback) => callback(null, event.body);",
  ],
  [
    "export const handler: Handler<Variables, { name: string }> = (context, event, callback) => callback(null, [event.name, event.request]);",
    "export const handler: Handler<Variables, { name: string }> = (context, event, callback) => callback(null, event.age);",
  ],
  [
    "export async function handler(context: Context, event: GatherResult, callback: Callback): Promise<void> { return callback(null, event.Digits?.trim()); }",
    "export async function handler(context: Context, event: GatherResult, callback: Callback): Promise<void> { return callback(null, event.Digits.trim()); }",
  ],
  [
    "export const of = (event: Event<{ a: number[] }>): number | undefined => event.a[0];",
    "export const of = (event: Event<{ a: number[] }>): string | undefined => event.a[0];",
  ],
  [
    "export const of = (context: Context<{ signal: string }>): string => context.signal;",
    "export const of = (context: Context<{ signal: string }>): AbortSignal => context.signal;",
  ],
  [
    "export const of = (event: FlexRequest<{ a: string }>): string => event.a + event.Token;",
    "export const of = (event: StudioRequest<{ a: string }>): string => event.a + event.Token;",
  ],
  [
    "export const of = (response: TwilioResponse): TwilioResponse => response.setBody('text').setStatusCode(200);",
    "export const of = (response: TwilioResponse): string => response.setBody('text');",
  ],
  [
    "export const of = (event: CallStatus): string => event.CallStatus;",
    "export const of = (event: MessageStatus): string => event.CallStatus;",
  ],
  [
    "export const of = (event: IncomingCall): string => event.CallSid;",
    "export const of = (event: IncomingCall): string => event.CallerName;",
  ],
];

const imported = `import type { Callback, CallStatus, Context, Event, FlexRequest, GatherResult, Handler, IncomingCall, IncomingMessage, MessageStatus, StudioRequest, TwilioResponse, Variables } from "@offhook/runtime/types";`;

const typescript = (statement: string): string => `${imported}
export const handler: Handler = async (context, event, callback) => {
  ${statement};
};
`;
const javascript = (statement: string): string => `// @ts-check
/** @type {import("@offhook/runtime/types").Handler} */
exports.handler = async function (context, event, callback) {
  ${statement};
};
`;

/** Files for each of the programs, and the ones that must fail. */
function consumers(): { files: Map<string, string>; wrong: Map<string, string> } {
  const files = new Map<string, string>();
  const wrong = new Map<string, string>();
  const add = (name: string, right: string, almost: string): void => {
    files.set(`functions/right-${name}`, right);
    files.set(`functions/wrong-${name}`, almost);
    wrong.set(`functions/wrong-${name}`, almost);
  };
  for (const [index, [right, almost]] of statements.entries()) {
    add(`statement-${index}.ts`, typescript(right), typescript(almost));
    add(`javascript-${index}.js`, javascript(right), javascript(almost));
  }
  for (const [index, [right, almost]] of programs.entries()) {
    add(`program-${index}.ts`, `${imported}\n${right}\n`, `${imported}\n${almost}\n`);
  }
  return { files, wrong };
}

/** The testing package sends exactly the parameters of these types. */
const sameEvents = `
import type { callStatus, flexRequest, gatherResult, incomingCall, incomingMessage, messageStatus, studioRequest } from "@offhook/helpers/testing";
${imported}
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Parameters<T> = { [Name in keyof T as Name extends "request" ? never : Name]: T[Name] };
type Sent<Make extends (...args: never[]) => unknown> = Parameters<ReturnType<Make>>;
const same: { [Name: string]: true } = {
  incomingMessage: null! as Same<Sent<typeof incomingMessage>, Parameters<IncomingMessage>>,
  messageStatus: null! as Same<Sent<typeof messageStatus>, Parameters<MessageStatus>>,
  incomingCall: null! as Same<Sent<typeof incomingCall>, Parameters<IncomingCall>>,
  gatherResult: null! as Same<Sent<typeof gatherResult>, Parameters<GatherResult>>,
  callStatus: null! as Same<Sent<typeof callStatus>, Parameters<CallStatus>>,
  studioRequest: null! as Same<Sent<typeof studioRequest<{ a: "b" }>>, Parameters<StudioRequest<{ a: string }>>>,
  flexRequest: null! as Same<Sent<typeof flexRequest<{ a: "b" }>>, Parameters<FlexRequest<{ a: string }>>>,
};
export const given: IncomingMessage = null! as ReturnType<typeof incomingMessage>;
`;

/** The wrappers take what the types describe. */
const wrapped = `import { prepareStudioFunction, twilioExecute } from "@offhook/helpers";
${imported}
export const handler: Handler = prepareStudioFunction(["a"], async (context, event, callback) => callback(null, "ran"));
export const other: Handler = async (context, event, callback) => {
  const { success } = await twilioExecute(context, (client) => client.messages("SM1").fetch());
  return callback(null, { success });
};
`;

async function write(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(join(folder, "functions"), { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), text);
}

const withErrors = (lines: readonly string[]): Set<string> =>
  new Set(lines.flatMap((line) => /^(\S+?)\(\d+,\d+\): error TS/.exec(line)?.[1] ?? []));

test("right functions compile, each wrong one does not", async (t) => {
  const folder = await makeTypedProject(t, project);
  assert.equal((await runOffhook(folder, "types")).code, 0);
  const { files, wrong } = consumers();
  await write(folder, files);
  const lines = await compile(folder);
  const found = withErrors(lines);
  for (const [file, text] of wrong) assert.ok(found.has(file), `${file} compiles, and should not:\n${text}`);
  assert.deepEqual(
    [...found].filter((file) => !wrong.has(file)),
    [],
    lines.join("\n"),
  );
});

const configurations: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "with all that is strict": {
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    isolatedModules: true,
  },
  "as Node 16 resolves modules": { module: "node16" },
  "as bundlers resolve modules": { module: "preserve", moduleResolution: "bundler" },
};

test("right functions compile however modules are resolved, and as ES modules", async (t) => {
  const folder = await makeTypedProject(t, {
    ...project,
    "functions/module.mts": typescript("context.GREETING.trim()"),
  });
  await runOffhook(folder, "types");
  const { files, wrong } = consumers();
  await write(folder, new Map([...files].filter(([name]) => !wrong.has(name))));
  for (const [name, changes] of Object.entries(configurations)) {
    assert.deepEqual(await compile(folder, changes), [], name);
  }
  // In a project of ES modules, the written file is an ES module too.
  const modules = {
    "functions/a.ts": typescript("context.GREETING.trim()"),
    "functions/b.ts": typescript("new Twilio.twiml.VoiceResponse().hangup()"),
  };
  const pure = await makeTypedProject(t, { ...project, "package.json": '{ "type": "module" }', ...modules });
  await runOffhook(pure, "types");
  assert.deepEqual(await compile(pure), []);
});

test("without the file that offhook types writes, variables, functions and assets may have any name", async (t) => {
  const folder = await makeTypedProject(t, {
    "functions/loose.ts": `/// <reference types="@offhook/runtime/globals" />
${typescript("callback(null, [context.ANY?.trim(), Runtime.getFunctions()['any'].path, Runtime.getAssets()['/any'].open()])")}`,
    "functions/wrong.ts": typescript("context.ANY.trim()"),
  });
  assert.deepEqual([...withErrors(await compile(folder))], ["functions/wrong.ts"]);
});

test("without the twilio package, its types are any", async (t) => {
  const files = {
    ...project,
    "functions/right.ts": typescript(
      "callback(null, new Twilio.twiml.AnyResponse()); context.getTwilioClient().any.thing(); Runtime.getSync().any()",
    ),
    "functions/wrong.ts": typescript("new Twilio.Response().any(); Runtime.any()"),
  };
  const folder = await makeTypedProject(t, files, ["@types/node"]);
  await runOffhook(folder, "types");
  const found = await compile(folder);
  assert.ok(!withErrors(found).has("functions/right.ts"), found.join("\n"));
  assert.ok(withErrors(found).has("functions/wrong.ts"));
});

test("the project's own twilio package is used, not the one that comes with Offhook", async (t) => {
  const own = `declare function Own(sid: string, token: string): { own(): string };
declare namespace Own {}
export = Own;
`;
  const folder = await makeTypedProject(
    t,
    {
      ...project,
      "node_modules/twilio/package.json": '{ "name": "twilio", "types": "own.d.ts" }',
      "node_modules/twilio/own.d.ts": own,
      "functions/right.ts": typescript(
        "callback(null, Twilio('AC1', 'token').own() + context.getTwilioClient().own())",
      ),
      "functions/wrong.ts": typescript("Twilio('AC1', 'token').messages"),
    },
    ["@types/node"],
  );
  await mkdir(join(folder, "node_modules/@offhook/runtime/node_modules"), { recursive: true });
  await symlink(
    join(repository, "node_modules/twilio"),
    join(folder, "node_modules/@offhook/runtime/node_modules/twilio"),
  );
  await runOffhook(folder, "types");
  assert.deepEqual([...withErrors(await compile(folder))], ["functions/wrong.ts"]);
});

test("with lib.dom, Response is the browser's, and all other types stay the same", async (t) => {
  const folder = await makeTypedProject(t, {
    ...project,
    "functions/right.ts": typescript(
      "callback(null, new Twilio.Response().setBody(await new Response('text').text()))",
    ),
    "functions/wrong.ts": typescript("new Response().setBody('text')"),
  });
  await runOffhook(folder, "types");
  for (const types of [["node"], []]) {
    const lines = await compile(folder, { lib: ["es2023", "dom"], types });
    assert.deepEqual([...withErrors(lines)], ["functions/wrong.ts"], lines.join("\n"));
  }
});

/** The globals that the package for hosted Functions declares. */
const otherTypes = `import type * as twilio from "twilio";
type Resources = { [name: string]: { path: string } };
declare global {
  var Twilio: Omit<typeof twilio, "default"> & { Response: new (...args: any[]) => object };
  var Runtime: { getFunctions(): Resources; getAssets(): Resources; getSync(): object };
  var Functions: Resources;
  var twilioClient: null | twilio.Twilio;
}
`;

test("types for hosted Functions may be present too, first or last", async (t) => {
  const other = "node_modules/@twilio-labs/serverless-runtime-types";
  const importing = `import "@twilio-labs/serverless-runtime-types";\n`;
  const folder = await makeTypedProject(t, {
    ...project,
    [`${other}/package.json`]: '{ "name": "@twilio-labs/serverless-runtime-types", "types": "index.d.ts" }',
    [`${other}/index.d.ts`]: otherTypes,
    // The compiler reads this file before offhook-env.d.ts.
    "a-first.ts":
      importing + typescript("callback(null, Functions.any.path + Runtime.getAssets()['/prices.json'].open())"),
    "functions/right.ts": importing + typescript("callback(null, new Twilio.Response().setStatusCode(200))"),
    "functions/wrong.ts": importing + typescript("Runtime.getFunctions()['common/huors']"),
  });
  await runOffhook(folder, "types");
  const lines = await compile(folder);
  assert.deepEqual([...withErrors(lines)], ["functions/wrong.ts"], lines.join("\n"));
});

test("the declarations have no errors", async (t) => {
  // Without twilio's types, which take long to check. Some versions of Node's types declare TZ.
  const zone = "declare namespace NodeJS {\n  interface ProcessEnv {\n    TZ?: string;\n  }\n}\n";
  const folder = await makeTypedProject(t, { ...project, "a-zone.d.ts": zone }, ["@types/node"]);
  await runOffhook(folder, "types");
  for (const lib of [["es2023"], ["es2023", "dom"]]) {
    const lines = await compile(folder, { skipLibCheck: false, lib });
    assert.deepEqual(
      lines.filter((line) => /^(?:offhook-env|node_modules\/@offhook)|^a-zone|ProcessEnv/.test(line)),
      [],
    );
  }
});

test("the testing package sends the events that the types describe, and the wrappers accept its context", async (t) => {
  const folder = await makeTypedProject(t, { ...project, "test/same.ts": sameEvents, "functions/wrapped.ts": wrapped });
  await symlink(join(repository, "packages/helpers"), join(folder, "node_modules/@offhook/helpers"));
  // Each line can fail: with one more name, the types differ.
  const events = ["IncomingMessage", "MessageStatus", "IncomingCall", "GatherResult", "CallStatus"];
  for (const event of events) {
    const text = sameEvents.replace(`Parameters<${event}>>`, `Parameters<${event} & { More?: string }>>`);
    assert.notEqual(text, sameEvents);
    await writeFile(join(folder, `test/${event}.ts`), text);
  }
  const changes = { customConditions: ["offhook-source"], rewriteRelativeImportExtensions: true };
  const lines = await compile(folder, changes);
  assert.deepEqual(
    [...withErrors(lines)].toSorted(),
    events.map((event) => `test/${event}.ts`).toSorted(),
    lines.join("\n"),
  );
});
