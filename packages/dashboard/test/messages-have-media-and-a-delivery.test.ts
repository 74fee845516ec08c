import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { closePhones, withPhone } from "./open-phone.ts";

after(closePhones);

async function send(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
  await page.getByText("Waiting for the reply").waitFor({ state: "detached" });
}

test("media are sent as URLs, and shown if this machine serves them", async () => {
  const media = "<Media>/cat.png</Media><Media>https://media.example/dog.png</Media>";
  await withPhone({ "/sms": `<Message>${media}</Message>` }, async (page, harness) => {
    await page.getByRole("button", { name: "Attach", exact: true }).click();
    await page.getByLabel("URL of an image or another file").fill("https://media.example/a.gif");
    await page.getByRole("button", { name: "Attach URL" }).click();
    const file = { name: "b.png", mimeType: "image/png", buffer: Buffer.from("12345") };
    await page.getByLabel("or a file of this computer").setInputFiles(file);
    await page.locator(".phone-attached li").nth(1).waitFor();
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.locator(".phone-reply .bubble-image").nth(1).waitFor();
    const { NumMedia, MediaUrl0, MediaContentType0, MediaUrl1, MediaContentType1, MessageSid } =
      harness.asked[0]?.fields ?? {};
    assert.deepEqual(
      [NumMedia, MediaUrl0, MediaContentType0, MediaUrl1, MediaContentType1, MessageSid?.slice(0, 2)],
      ["2", "https://media.example/a.gif", "image/gif", `${harness.url}media/5`, "image/png", "MM"],
    );
    assert.equal(await page.getByRole("link", { name: "https://media.example/dog.png" }).count(), 1);
    assert.deepEqual(harness.images.toSorted(), ["/cat.png", "/media/5"]);
  });
});

test("a message has a time and a state, and its status callback gets each state", async () => {
  const pages = { "/sms": `<Message action="/status">Hello</Message><Message>Bye</Message>`, "/status": "" };
  await withPhone(pages, async (page, harness) => {
    await send(page, "Hi");
    const [first, second] = [page.locator(".phone-reply").nth(1), page.locator(".phone-reply").nth(2)];
    await first.getByRole("button", { name: "delivered" }).waitFor();
    await second.getByText("delivered").waitFor();
    assert.match(await first.getByRole("time").innerText(), /^\d\d:\d\d$/);
    const reports = harness.asked.slice(1).map(({ path, fields }) => `${path} ${fields["MessageStatus"]}`);
    assert.deepEqual(reports, ["/status queued", "/status sent", "/status delivered"]);
    const [report] = harness.asked.slice(-1);
    assert.deepEqual([report?.fields["From"], report?.fields["To"]], ["+12025550199", "+12025550123"]);
    assert.ok(harness.requests.every(({ isSigned }) => isSigned));
    await page.getByLabel("Replies").selectOption("undelivered");
    await send(page, "Hi");
    await page.getByRole("button", { name: "undelivered" }).waitFor();
    assert.deepEqual(harness.asked.at(-1)?.fields["ErrorCode"], "30003");
  });
});

test("WhatsApp and RCS have addresses, fields and buttons of their own", async () => {
  await withPhone({ "/sms": `<Message action="/status">Hello</Message>`, "/status": "" }, async (page, harness) => {
    await page.getByLabel("Channel").selectOption("whatsapp");
    await page.getByRole("button", { name: "Attach", exact: true }).click();
    await page.getByLabel(/Button payload/).fill("yes-1");
    await send(page, "Yes");
    await page.getByRole("button", { name: "read", exact: true }).waitFor();
    const message = harness.asked[0]?.fields ?? {};
    assert.deepEqual(
      [message["From"], message["To"], message["WaId"], message["MessageType"], message["ButtonPayload"]],
      ["whatsapp:+12025550123", "whatsapp:+12025550199", "12025550123", "button", "yes-1"],
    );
    assert.match(message["ChannelMetadata"] ?? "", /"type":"whatsapp"/);
    assert.equal(harness.asked.at(-1)?.fields["ChannelPrefix"], "whatsapp");
    await page.getByLabel("Channel").selectOption("rcs");
    await page.getByLabel("To (RCS sender)").fill("pizza_agent");
    await send(page, "Hello");
    const rcs = harness.asked.find(({ fields }) => fields["Body"] === "Hello")?.fields ?? {};
    assert.deepEqual([rcs["From"], rcs["To"], rcs["ButtonText"]], ["rcs:+12025550123", "rcs:pizza_agent", undefined]);
  });
});

test("a failed webhook says why, with one link to its request", async () => {
  await withPhone({ "/sms": { status: 500 } }, async (page) => {
    await send(page, "Hi");
    await page.getByText("The function replied with status 500: TypeError: no pizza").waitFor();
    assert.equal(await page.getByRole("button", { name: "Request" }).count(), 1);
  });
});

test("a conversation is saved as a test", async () => {
  await withPhone({ "/sms": ({ Body }) => `<Message>You wrote ${Body}</Message>` }, async (page) => {
    await send(page, "Hi");
    await page.getByRole("button", { name: "Save as test" }).click();
    await page.getByText("Saved: test/chat-sms.test.mjs").waitFor();
    const [file] = await page.evaluate<{ name: string; text: string }[]>("saved");
    assert.equal(file?.name, "chat-sms.test.mjs");
    assert.match(file?.text ?? "", /await chat\.sends\("Hi"\);\n {2}chat\.receives\("You wrote Hi"\);\n {2}chat\.ends/);
  });
});
