import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { callTest, chatTest, type TestFile } from "@offhook/phone/conversation-test";
import { deliver } from "@offhook/phone/conversation";
import { askedOf, replyTo, TestCall, type Pages } from "../packages/phone/test/test-call.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";

/** A function that replies with TwiML in which `$Name` stands for a field of the webhook. */
function functionOf(twiml: string): string {
  return `exports.handler = (context, event, callback) => {
  const response = new Twilio.Response();
  response.appendHeader("content-type", "text/xml");
  response.setBody(${JSON.stringify(`<Response>${twiml}</Response>`)}.replace(/\\$(\\w+)/g, (_, name) => event[name]));
  callback(null, response);
};
`;
}

function pagesOf(documents: Readonly<Record<string, string>>): Pages {
  return Object.fromEntries(
    Object.entries(documents).map(([path, twiml]) => [
      path,
      (fields: Record<string, string>) => twiml.replace(/\$(\w+)/g, (_, name: string) => fields[name] ?? ""),
    ]),
  );
}

async function projectOf(documents: Readonly<Record<string, string>>): Promise<TemporaryProject> {
  const files = Object.entries(documents).map(([path, twiml]) => [`functions${path}.protected.js`, functionOf(twiml)]);
  return copyProject(undefined, Object.fromEntries(files) as Record<string, string>);
}

interface Run {
  readonly hasPassed: boolean;
  readonly output: string;
}

async function run({ folder, write }: TemporaryProject, { name, text }: TestFile): Promise<Run> {
  await write(`test/${name}`, text);
  // Without this variable, node would report to the test runner that runs this test.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    const args = ["--conditions=offhook-source", "--test", `test/${name}`];
    execFile(process.execPath, args, { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ hasPassed: error === null, output: stdout + stderr });
    });
  });
}

const voice = {
  "/voice/welcome": `<Gather input="dtmf speech" numDigits="2" action="/voice/menu"><Say>Press two keys</Say><Say>or speak</Say></Gather>`,
  "/voice/menu": `<Say loop="2">You chose $Digits</Say><Play>/music.mp3</Play><Record action="/voice/message"/>`,
  "/voice/message": `<Say>$RecordingDuration seconds</Say><Dial action="/voice/after"><Number url="/voice/whisper">+12025550150</Number></Dial>`,
  "/voice/whisper": `<Gather numDigits="1"><Say>Press 1</Say></Gather>`,
  "/voice/after": `<Say>$DialCallStatus after $DialCallDuration seconds</Say><Enqueue waitUrl="/voice/wait" action="/voice/left">q</Enqueue>`,
  "/voice/wait": `<Say>Please hold</Say><Play loop="0">/hold.mp3</Play>`,
  "/voice/left": `<Say>$QueueResult</Say><Gather timeout="3"/><Say>Bye</Say>`,
};

function recordedCall(): TestCall {
  const site = { url: "http://localhost:4321" };
  // The callee's document ends once a key is pressed.
  const whisper = ({ Digits }: Record<string, string>): string => (Digits === undefined ? voice["/voice/whisper"] : "");
  const call = new TestCall({ ...pagesOf(voice), "/voice/whisper": whisper }, { target: "/voice/welcome", site });
  call.keys("42").listen();
  call.at += 4000;
  call.do({ kind: "recorded", isEmpty: false, text: "Call me" }).listen();
  call.do({ kind: "callee", line: 0, outcome: "answered" }).keys("1");
  call.at += 7000;
  call.do({ kind: "callee-hangs-up" }).pass().pass();
  call.do({ kind: "dequeued" }).do({ kind: "callee-hangs-up" }).listen().pass().listen();
  assert.equal(call.phase, "over");
  return call;
}

test("a call is saved as a test that passes, and that fails when the TwiML changes", async () => {
  const documents = {
    ...voice,
    // As in the recorded call: once a key is pressed, the document is over.
    "/voice/whisper": `<Gather numDigits="1" action="/voice/accept"><Say>Press 1</Say></Gather>`,
    "/voice/accept": "",
  };
  await using project = await projectOf(documents);
  const file = callTest(recordedCall().call);
  assert.ok(file);
  assert.equal(file.name, "call-voice-welcome.test.mjs");
  const first = await run(project, file);
  assert.equal(first.hasPassed, true, first.output + file.text);

  await project.write(
    "functions/voice/left.protected.js",
    functionOf("<Say>Hello</Say><Gather timeout='3'/><Say>Bye</Say>"),
  );
  const changed = await run(project, file);
  assert.equal(changed.hasPassed, false);
  assert.match(changed.output, /'bridged'|"bridged"|bridged/);

  await project.write(
    "functions/voice/left.protected.js",
    functionOf("<Say>$QueueResult</Say><Gather timeout='3'/><Say>Bye</Say><Say>One more</Say>"),
  );
  const longer = await run(project, file);
  assert.equal(longer.hasPassed, false);
  assert.match(longer.output, /The caller also hears "One more"/);

  await project.write(
    "functions/voice/menu.protected.js",
    `exports.handler = () => { throw new TypeError("no menu"); };`,
  );
  const broken = await run(project, file);
  assert.equal(broken.hasPassed, false);
  assert.match(broken.output, /TypeError: no menu/);
});

test("a conversation is saved as a test that passes, and that fails when the reply changes", async () => {
  const documents = {
    "/sms": `<Message>You wrote $Body</Message><Message><Body>Look</Body><Media>/a.png</Media><Media>https://elsewhere.example/b.png</Media></Message>`,
  };
  const site = { url: "http://localhost:4321", publicUrl: "https://tunnel.example" };
  const rows: Parameters<typeof chatTest>[0][number][] = [];
  for (const body of ["Hello", 'It\'s "quoted"']) {
    const from = "whatsapp:+12025550123";
    const to = "whatsapp:+12025550199";
    rows.push({ kind: "sent", body, media: [], target: "/sms", from, to });
    const answer = await deliver({
      target: "/sms",
      fields: { Body: body },
      site,
      jar: [],
      now: () => 0,
      send: (request) => Promise.resolve(replyTo(pagesOf(documents), askedOf(request))),
    });
    rows.push(...answer.items);
  }
  await using project = await projectOf(documents);
  const file = chatTest(rows, site);
  assert.ok(file);
  const first = await run(project, file);
  assert.equal(first.hasPassed, true, first.output + file.text);
  await project.write("functions/sms.protected.js", functionOf("<Message>You wrote $Body</Message>"));
  const changed = await run(project, file);
  assert.equal(changed.hasPassed, false);
  assert.match(changed.output, /Expected the message "Look", but there is none/);
});
