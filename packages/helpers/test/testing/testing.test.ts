import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { callFunction, installGlobals, parseTwiml, TwilioResponse } from "@offhook/helpers/testing";
import { scratchProject } from "./scratch-project.ts";

const require = createRequire(import.meta.url);
const repository = join(import.meta.dirname, "../../../..");

interface Globals {
  Twilio: {
    (accountSid: string, authToken: string): { accountSid: string };
    Response: new (init?: object) => TwilioResponse;
    twiml: { VoiceResponse: new () => { say(text: string): void } };
    jwt: object;
    other?: unknown;
  };
  Response: typeof Response;
  Runtime: {
    getFunctions(): Record<string, { path: string } | undefined>;
    getAssets(): Record<string, { path: string; open(): string } | undefined>;
    getSync(options?: object): unknown;
  };
}
const globals = globalThis as unknown as Globals;

test("functions and private assets have the names that the platform gives them", async (t) => {
  const folder = await scratchProject(t, {
    "functions/hello.js": "",
    "functions/sms/reply.protected.js": "",
    "functions/common/name helper.private.js": "exports.name = 'Ann';",
    "functions/readme.md": "",
    "functions/node_modules/x.js": "",
    "assets/prices.private.json": '{"a":1}',
    "assets/mail/text.private.txt": "",
    "assets/LICENSE.private": "",
    "assets/logo.png": "",
    "assets/form.protected.html": "",
  });
  await symlink("nowhere", join(folder, "functions/.#hello.js"));
  const uninstall = installGlobals({ folder });
  try {
    const { Runtime } = globals;
    const functions = Runtime.getFunctions();
    assert.deepEqual(Object.keys(functions).toSorted(), ["common/name-helper", "hello", "sms/reply"]);
    assert.deepEqual(require(functions["common/name-helper"]?.path ?? ""), { name: "Ann" });
    const assets = Runtime.getAssets();
    assert.deepEqual(Object.keys(assets).toSorted(), ["/LICENSE", "/mail/text.txt", "/prices.json"]);
    assert.equal(assets["/prices.json"]?.open(), '{"a":1}');
    assert.equal(assets["/prices.json"]?.path, join(folder, "assets/prices.private.json"));
    delete functions["hello"];
    assert.ok(Runtime.getFunctions()["hello"]);
  } finally {
    uninstall[Symbol.dispose]();
  }
});

test("options can name other folders, and replace single files", async (t) => {
  const folder = await scratchProject(t, {
    "src/functions/a.js": "",
    "lib/b.js": "",
    "static/x.private.txt": "",
    "fake.js": "",
  });
  {
    const uninstall = installGlobals({ folder, functions: { a: "fake.js" }, assets: { "/y.txt": "fake.js" } });
    try {
      assert.deepEqual(globals.Runtime.getFunctions(), { a: { path: join(folder, "fake.js") } });
      assert.deepEqual(Object.keys(globals.Runtime.getAssets()), ["/x.txt", "/y.txt"]);
    } finally {
      uninstall[Symbol.dispose]();
    }
  }
  {
    const uninstall = installGlobals({ folder, functions: "lib" });
    try {
      assert.deepEqual(Object.keys(globals.Runtime.getFunctions()), ["b"]);
    } finally {
      uninstall[Symbol.dispose]();
    }
  }
  assert.throws(() => installGlobals({ folder, functions: "nowhere" }), /Folder not found: .*nowhere/);
});

test("a project without functions and assets gets empty objects", async (t) => {
  const uninstall = installGlobals({ folder: await scratchProject(t, {}) });
  try {
    assert.deepEqual(globals.Runtime.getFunctions(), {});
    assert.deepEqual(globals.Runtime.getAssets(), {});
  } finally {
    uninstall[Symbol.dispose]();
  }
});

test("Twilio is the project's package", () => {
  const uninstall = installGlobals({ folder: repository });
  try {
    const { Twilio } = globals;
    const voice = new Twilio.twiml.VoiceResponse();
    voice.say("Hello");
    assert.equal(parseTwiml(voice).children[0]?.text, "Hello");
    assert.ok("AccessToken" in Twilio.jwt);
    assert.equal(Twilio(`AC${"0".repeat(32)}`, "token").accountSid, `AC${"0".repeat(32)}`);
    assert.ok(new Twilio.Response() instanceof TwilioResponse);
  } finally {
    uninstall[Symbol.dispose]();
  }
});

test("without the package, only its parts fail, and the error says how to install it", async (t) => {
  const folder = await scratchProject(t, {});
  const uninstall = installGlobals({ folder });
  try {
    assert.equal(new globals.Twilio.Response({ body: "x" }).body, "x");
    assert.throws(() => globals.Twilio.twiml, new RegExp(`twilio is not installed in ${folder}`));
    assert.throws(() => globals.Twilio("AC", "x"), /npm install/);
    assert.equal(JSON.stringify([globals.Twilio]), "[null]");
  } finally {
    uninstall[Symbol.dispose]();
  }
});

test("a package that fails to load throws its own error", async (t) => {
  const folder = await scratchProject(t, { "node_modules/twilio/index.js": "throw new Error('broken')" });
  const uninstall = installGlobals({ folder });
  try {
    assert.throws(() => globals.Twilio.twiml, /^Error: broken/);
  } finally {
    uninstall[Symbol.dispose]();
  }
});

test("another package can replace twilio", () => {
  const uninstall = installGlobals({ twilio: { other: 1 } });
  try {
    assert.equal(globals.Twilio.other, 1);
    assert.equal(globals.Twilio.Response, TwilioResponse);
  } finally {
    uninstall[Symbol.dispose]();
  }
});

test("the global Response is Twilio's for Twilio's arguments, and otherwise the standard's", async () => {
  const uninstall = installGlobals();
  try {
    const { Response } = globals;
    const twilios: unknown = new Response();
    assert.ok(twilios instanceof TwilioResponse && twilios instanceof Response);
    assert.ok((new Response({ statusCode: 404 } as never) as unknown) instanceof TwilioResponse);
    const standard = new Response("text", { status: 201 });
    assert.equal(standard.status, 201);
    assert.equal(await standard.text(), "text");
    assert.ok(standard instanceof Response);
    assert.deepEqual(await Response.json({ a: 1 }).json(), { a: 1 });
  } finally {
    uninstall[Symbol.dispose]();
  }
});

test("getSync() returns the given fake, and without one throws an error that says how to pass it", () => {
  {
    const uninstall = installGlobals();
    try {
      assert.throws(() => globals.Runtime.getSync(), /installGlobals\(\{ sync/);
    } finally {
      uninstall[Symbol.dispose]();
    }
  }
  const uninstall = installGlobals({ sync: (options) => ({ options }) });
  try {
    assert.deepEqual(globals.Runtime.getSync({ serviceName: "x" }), { options: { serviceName: "x" } });
  } finally {
    uninstall[Symbol.dispose]();
  }
});

test("the previous globals are restored", () => {
  const names = ["Twilio", "Runtime", "Response"] as const;
  const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  const outer = installGlobals();
  const { Runtime } = globals;
  const inner = installGlobals();
  assert.notEqual(globals.Runtime, Runtime);
  inner();
  assert.equal(globals.Runtime, Runtime);
  outer();
  const after = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  assert.equal("Twilio" in globalThis || "Runtime" in globalThis, false);
  assert.deepEqual(after, before);
});

test("a function of the project runs with the globals as on a platform", async (t) => {
  const folder = await scratchProject(t, {
    "functions/hello.js": `
      const { nameOf } = require(Runtime.getFunctions()["names"].path);
      const prices = JSON.parse(Runtime.getAssets()["/prices.json"].open());
      exports.handler = async (context, event, callback) => {
        const response = new Twilio.Response();
        response.appendHeader("Content-Type", "application/json");
        response.setBody({ greeting: context.GREETING + " " + nameOf(event.From), price: prices.call });
        return callback(null, response);
      };`,
    "functions/names.private.js": "exports.nameOf = (number) => 'number ' + number;",
    "assets/prices.private.json": '{"call":3}',
  });
  const uninstall = installGlobals({ folder });
  try {
    const reply = await callFunction(require(join(folder, "functions/hello.js")), {
      context: { GREETING: "Hello" },
      event: { From: "5" },
    });
    assert.deepEqual(reply.json(), { greeting: "Hello number 5", price: 3 });
  } finally {
    uninstall[Symbol.dispose]();
  }
});
