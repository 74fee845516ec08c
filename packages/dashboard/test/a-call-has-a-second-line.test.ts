import assert from "node:assert/strict";
import { after, test } from "node:test";
import { call, closePhones, heard, withPhone } from "./open-phone.ts";

after(closePhones);

test("the callee hears a document, is connected, and hangs up", async () => {
  const pages = {
    "/voice": `<Dial action="/after"><Number url="/whisper">+12025550142</Number><Number>+12025550143</Number></Dial>`,
    "/whisper": `<Gather numDigits="1" timeout="600" action="/accept"><Say>Press 1 to accept</Say></Gather>`,
    "/accept": "",
    "/after": ({ DialCallStatus }: Record<string, string>) => `<Say>It was ${DialCallStatus}</Say>`,
  };
  await withPhone(pages, async (page) => {
    await call(page, "/voice");
    await page.getByLabel("Line +12025550143").getByRole("button", { name: "Busy" }).click();
    await page.getByLabel("Line +12025550142").getByRole("button", { name: "Answer", exact: true }).click();
    await page.getByText("has answered and hears this before the connection").waitFor();
    await heard(page, "Press 1 to accept");
    await page.keyboard.press("1");
    await page.getByText("Connected to +12025550142").waitFor();
    await page.getByRole("button", { name: "The other party hangs up" }).click();
    await heard(page, "It was completed");
    await heard(page, "Twilio hangs up");
    await page.getByRole("button", { name: "Save as test" }).click();
    await page.getByText("Saved: test/call-voice.test.mjs").waitFor();
    const [file] = await page.evaluate<{ text: string }[]>("saved");
    assert.match(file?.text ?? "", /await call\.rings\(0, "answered"\);\n {2}await call\.hears\("Press 1 to accept"\)/);
  });
});

test("the caller waits in a queue until somebody takes the call", async () => {
  const pages = {
    "/voice": `<Enqueue waitUrl="/wait" action="/left">support</Enqueue>`,
    "/wait": `<Say>Please hold</Say><Play loop="0">https://music.example/a.mp3</Play>`,
    "/left": ({ QueueResult }: Record<string, string>) => `<Say>Left: ${QueueResult}</Say>`,
  };
  await withPhone(pages, async (page) => {
    await call(page, "/voice");
    await heard(page, "Please hold");
    await page.getByRole("button", { name: "Skip" }).click();
    await page.getByText("Repeated until the caller hangs up", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Take the call" }).click();
    await page.getByRole("button", { name: "The other party hangs up" }).click();
    await heard(page, "Left: bridged");
  });
});

test("expected phrases are offered, and partial results are sent while the caller types", async () => {
  const gather = `<Gather input="speech" hints="sales, support" partialResultCallback="/partial" action="/next" timeout="600" speechTimeout="600"/>`;
  const pages = {
    "/voice": gather,
    "/partial": "",
    "/next": ({ SpeechResult }: Record<string, string>) => `<Say>You said ${SpeechResult}</Say>${gather}`,
  };
  await withPhone(pages, async (page, harness) => {
    await call(page, "/voice");
    await page.getByRole("button", { name: "support" }).click();
    await heard(page, "You said support");
    await page.getByRole("button", { name: "Skip" }).click();
    await page.getByLabel("What the caller says").pressSequentially("two pizzas");
    await page.keyboard.press("Enter");
    await heard(page, "You said two pizzas");
    const partials = harness.asked.filter(({ path }) => path === "/partial");
    assert.deepEqual(
      partials.map(({ fields }) => fields["UnstableSpeechResult"]),
      ["t", "two p"],
    );
    await page.getByLabel("Call log").getByText("partial speech").first().click();
    await page.getByLabel("Call log").getByText("SequenceNumber=0").waitFor();
  });
});

test("every status of the call can be reported", async () => {
  await withPhone({ "/voice": "<Say>Hi</Say>", "/status": "" }, async (page, harness) => {
    await page.getByRole("tab", { name: "Call" }).click();
    await page.getByLabel("Status callback").selectOption("/status");
    await page.getByLabel("Events").selectOption("all");
    await call(page, "/voice");
    await heard(page, "Twilio hangs up");
    await page.getByLabel("Call log").getByText("call status").nth(3).waitFor();
    const statuses = harness.asked.filter(({ path }) => path === "/status").map(({ fields }) => fields["CallStatus"]);
    assert.deepEqual(statuses, ["initiated", "ringing", "in-progress", "completed"]);
  });
});
