import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

test("a project that does not list twilio gets it, and the global and require() give the same package", async (t) => {
  const site = await serve(t, {
    "functions/own.js": `callback(null, {
      same: Twilio.twiml.VoiceResponse === require('twilio').twiml.VoiceResponse,
      grants: ['ChatGrant', 'SyncGrant', 'VideoGrant', 'VoiceGrant'].map((name) => typeof Twilio.jwt.AccessToken[name]),
      client: typeof new Twilio('AC' + '0'.repeat(32), 'token').messages.create,
      called: typeof Twilio('AC' + '0'.repeat(32), 'token').calls,
      response: require('twilio').Response === Twilio.Response,
    })`,
  });
  assert.deepEqual((await site.call("/own")).json(), {
    same: true,
    grants: ["function", "function", "function", "function"],
    client: "function",
    called: "function",
    response: true,
  });
});

const copy = `
  class VoiceResponse { toString() { return '<?xml version="1.0" encoding="UTF-8"?><Response>own</Response>'; } }
  module.exports = Object.assign(function Twilio() { return { own: true }; }, { twiml: { VoiceResponse }, version: 'own' });`;

test("a project's own copy comes first, and its TwiML is recognised", async (t) => {
  const site = await serve(t, {
    "node_modules/twilio/package.json": '{ "name": "twilio", "version": "0.0.1", "main": "index.js" }',
    "node_modules/twilio/index.js": copy,
    "functions/voice.js": "callback(null, new Twilio.twiml.VoiceResponse())",
    "functions/client.js":
      "callback(null, { ...context.getTwilioClient(), version: Twilio.version, has: 'twiml' in Twilio })",
    ".env": "ACCOUNT_SID=ACfake\nAUTH_TOKEN=fake",
  });
  const voice = await site.call("/voice");
  assert.equal(voice.headers["content-type"], "text/xml; charset=utf-8");
  assert.match(voice.text, /<Response>own/);
  assert.deepEqual((await site.call("/client")).json(), { own: true, version: "own", has: true });
});

test("a function that does not use twilio never loads it", async (t) => {
  const site = await serve(t, {
    "node_modules/twilio/index.js": "throw new Error('loaded')",
    "functions/plain.js": "const r = new Twilio.Response(); r.setBody('plain'); callback(null, r);",
  });
  assert.equal((await site.call("/plain")).text, "plain");
});

test("the global Response is Twilio's and also the standard one", async (t) => {
  const site = await serve(t, {
    "functions/both.js": `
      const own = new Response();
      own.setStatusCode(201).appendHeader('x-own', 'yes').setBody('own');
      const standard = new Response('text', { status: 202 });
      const isStandard = standard instanceof Response && standard.status === 202 && typeof standard.text === 'function';
      if (!(own instanceof Response) || !isStandard || Response.json({}).status !== 200) throw new Error('not both');
      callback(null, own);`,
  });
  const answer = await site.call("/both");
  assert.equal(answer.status, 201);
  assert.equal(answer.headers["x-own"], "yes");
});

test("the global Response is Twilio's in helpers and ES modules too", async (t) => {
  const site = await serve(t, {
    "functions/helper.private.js": "exports.build = () => new Response().setStatusCode(202);",
    "functions/uses.js": "callback(null, require(Runtime.getFunctions().helper.path).build())",
    "functions/module.mjs":
      "export const handler = (context, event, callback) => callback(null, new Response().setStatusCode(203));",
  });
  assert.equal((await site.call("/uses")).status, 202);
  assert.equal((await site.call("/module")).status, 203);
});

test("a function that does not mention Response does not load Twilio's", async (t) => {
  const site = await serve(t, {
    "functions/plain.js":
      "const own = new Twilio.Response(); own.setBody(String(process.moduleLoadList.some((m) => m.includes('undici')))); callback(null, own);",
  });
  assert.equal((await site.call("/plain")).text, "false");
});

test("Runtime.getSync gives access to Sync, with its short names", async (t) => {
  const site = await serve(t, {
    "functions/sync.js": `
      const byDefault = Runtime.getSync();
      const named = Runtime.getSync({ serviceName: 'IS1' });
      callback(null, [typeof byDefault.maps, typeof byDefault.lists, typeof byDefault.documents, named._solution.sid, byDefault._solution.sid]);`,
    ".env": `ACCOUNT_SID=AC${"0".repeat(32)}\nAUTH_TOKEN=fake`,
  });
  const [maps, lists, documents, named, standard] = (await site.call("/sync")).json() as string[];
  assert.ok(
    [maps, lists, documents].every((type) => type === "object" || type === "function"),
    String([maps, lists, documents]),
  );
  assert.deepEqual([named, standard], ["IS1", "default"]);
});

test("TwiML is built without the REST client, by the same classes", async (t) => {
  const site = await serve(t, {
    "functions/twiml.js": `
      const isWhole = () => Object.keys(require.cache).some((file) => file.includes("/twilio/lib/rest/"));
      const twiml = new Twilio.twiml.MessagingResponse();
      twiml.message("hello");
      const before = isWhole();
      const same = Object.keys(Twilio.twiml).every((name) => Twilio.twiml[name] === require("twilio").twiml[name]);
      const names = Object.keys(Twilio.twiml).sort();
      callback(null, { text: String(twiml), before, after: isWhole(), same, names });`,
  });
  assert.deepEqual((await site.call("/twiml")).json(), {
    text: '<?xml version="1.0" encoding="UTF-8"?><Response><Message>hello</Message></Response>',
    before: false,
    after: true,
    same: true,
    names: ["FaxResponse", "MessagingResponse", "VoiceResponse"],
  });
});
