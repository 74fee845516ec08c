import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { call, closePhones, heard, withPhone } from "./open-phone.ts";
import type { Pages } from "../../phone/test/test-call.ts";

after(closePhones);

async function sendMessage(page: Page, text: string): Promise<void> {
  const count = await page.locator(".phone-reply-out").count();
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
  await page.locator(".phone-reply-out").nth(count).waitFor();
  await page.getByText("Waiting for the reply").waitFor({ state: "detached" });
}

test("a conversation shows messages, media, cookies and requests", async () => {
  let count = 0;
  const pages: Pages = {
    "/hello": "",
    "/sms/reply": ({ Body }) => {
      count += 1;
      const reply = `<Message>You wrote ${Body}</Message><Message><Media>https://media.example/a.png</Media></Message>`;
      return { body: `<Response>${reply}</Response>`, cookies: [`count=${count}; Path=/; HttpOnly; Secure`] };
    },
  };
  await withPhone(pages, async (page, harness) => {
    assert.equal(await page.getByLabel("Function").inputValue(), "/sms/reply");
    await sendMessage(page, "one");
    await sendMessage(page, "two");
    const bubbles = await page.locator(".bubble").allInnerTexts();
    assert.deepEqual(
      bubbles.map((each) => each.replaceAll(/\s+/g, " ")),
      [
        "one",
        "You wrote one",
        "Media https://media.example/a.png",
        "two",
        "You wrote two",
        "Media https://media.example/a.png",
      ],
    );
    const link = page.locator(".bubble a").first();
    assert.deepEqual(
      [await link.getAttribute("rel"), await link.getAttribute("target")],
      ["noreferrer noopener", "_blank"],
    );
    assert.deepEqual(
      harness.asked.map(({ cookie }) => cookie),
      [undefined, "count=1"],
    );
    assert.ok(harness.requests.every(({ isSigned }) => isSigned));
    const [first, second] = harness.asked.map(({ fields }) => fields);
    assert.deepEqual([first?.["Body"], first?.["AccountSid"], first?.["From"]], ["one", "AC1", "+12025550123"]);
    assert.notEqual(first?.["MessageSid"], second?.["MessageSid"]);
    await page.getByRole("button", { name: "Request" }).first().click();
    assert.deepEqual(await page.evaluate("opened"), ["RQ-/sms/reply"]);
    await page.getByText("1 cookie").click();
    await page.getByText("count=2").waitFor();
    await page.getByRole("button", { name: "Clear cookies" }).click();
    await page.getByText("No cookies").waitFor();
    await page.getByRole("button", { name: "New conversation" }).click();
    assert.equal(await page.locator(".bubble").count(), 0);
    await page.getByLabel("From").fill("+12025550111");
    await page.reload();
    await page.locator("body[data-is-ready]").waitFor();
    assert.equal(await page.getByLabel("From").inputValue(), "+12025550111");
  });
});

test("a reply that Twilio rejects is shown with Twilio's error", async () => {
  const pages: Pages = {
    "/sms": ({ Body }) =>
      Body === "json" ? { type: "application/json", body: "{}" } : Body === "fail" ? { status: 500 } : "",
  };
  await withPhone(pages, async (page) => {
    await sendMessage(page, "json");
    await page.getByRole("link", { name: "12300 Invalid Content-Type" }).waitFor();
    await sendMessage(page, "fail");
    await page.getByRole("link", { name: "11200 HTTP retrieval failure" }).waitFor();
    await sendMessage(page, "nothing");
    await page.getByText("No reply").waitFor();
  });
});

test("a call accepts keys on the screen, keys of the keyboard, and typed speech", async () => {
  const pages: Pages = {
    "/ivr/welcome": `<Gather numDigits="1" action="/ivr/menu" timeout="600"><Say>Press one or two</Say></Gather>`,
    "/ivr/menu": ({ Digits, CallSid }) =>
      `<Gather input="speech dtmf" action="/ivr/name" timeout="600"><Say>You pressed ${Digits} on ${CallSid?.slice(0, 2)}</Say></Gather>`,
    "/ivr/name": ({ SpeechResult }) =>
      SpeechResult === undefined
        ? "<Say>Keys</Say>"
        : `<Say>Hello ${SpeechResult}</Say><Redirect>/ivr/welcome</Redirect>`,
  };
  await withPhone(pages, async (page, harness) => {
    await call(page, "/ivr/welcome");
    await heard(page, "Press one or two");
    await page.getByRole("group", { name: "Keypad" }).getByRole("button", { name: "2", exact: true }).click();
    await heard(page, "You pressed 2 on CA");
    await page.getByLabel("What the caller says").fill("Ada 5");
    await page.keyboard.press("Enter");
    await heard(page, "Hello Ada 5");
    await page.getByRole("button", { name: "Skip" }).click();
    await page.locator(".phone-said").nth(3).waitFor();
    await page.locator(".phone-status").click();
    await page.keyboard.press("1");
    await heard(page, "You pressed 1 on CA");
    await page.getByRole("button", { name: "Hang up" }).click();
    await heard(page, "The caller hangs up");
    const sids = new Set(harness.asked.map(({ fields }) => fields["CallSid"]));
    assert.equal(sids.size, 1);
    assert.deepEqual(
      harness.asked.map(({ path }) => path),
      ["/ivr/welcome", "/ivr/menu", "/ivr/name", "/ivr/welcome", "/ivr/menu"],
    );
    await page.getByLabel("Call log").getByRole("button", { name: "Request" }).first().click();
    assert.deepEqual(await page.evaluate("opened"), ["RQ-/ivr/welcome"]);
    await page.getByRole("button", { name: "Call again" }).waitFor();
  });
});

test("a call records, dials, and sends its status callback", async () => {
  const pages: Pages = {
    "/call": `<Record action="/recorded"/>`,
    "/recorded": ({ RecordingDuration }) =>
      `<Say>${RecordingDuration} s</Say><Dial action="/dialled">+12025550142</Dial>`,
    "/dialled": ({ DialCallStatus }) => `<Say>It was ${DialCallStatus}</Say><Enqueue>wait</Enqueue>`,
    "/status": "",
  };
  await withPhone(pages, async (page, harness) => {
    await page.getByRole("tab", { name: "Call" }).click();
    await page.getByLabel("Status callback").selectOption("/status");
    await call(page, "/call");
    await page.getByRole("button", { name: "Finish recording" }).click();
    await heard(page, "1 s");
    await page.getByRole("button", { name: "Skip" }).click();
    await page.getByRole("button", { name: "No answer" }).click();
    await heard(page, "It was no-answer");
    await page.getByRole("button", { name: "Skip" }).click();
    await page.getByText("The simulated phone pauses here.").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await heard(page, "Twilio hangs up");
    await page.getByLabel("Call log").getByText("/status").waitFor();
    assert.equal(harness.asked.at(-1)?.fields["CallStatus"], "completed");
  });
});

test("everything is reachable by keyboard, and fits on a narrow screen", async () => {
  const pages: Pages = { "/voice": `<Gather timeout="600" action="/voice"><Say>${"a".repeat(300)}</Say></Gather>` };
  await withPhone(
    pages,
    async (page, harness) => {
      await page.keyboard.press("Tab");
      await page.keyboard.press("ArrowRight");
      assert.equal(await page.getByRole("tab", { name: "Call" }).getAttribute("aria-selected"), "true");
      const button = page.getByRole("button", { name: "Call", exact: true });
      for (let count = 0; count < 12; count += 1) {
        await page.keyboard.press("Tab");
        if (await button.evaluate((element) => element.matches(":focus"))) break;
      }
      await page.keyboard.press("Enter");
      await heard(page, "aaa");
      await page.keyboard.type("12#");
      await page.locator(".phone-said").nth(1).waitFor();
      assert.equal(harness.asked.at(-1)?.fields["Digits"], "12");
      const sideways = await page.locator("html").evaluate((root) => root.scrollWidth - root.clientWidth);
      assert.equal(sideways, 0);
    },
    360,
  );
});

test("the call continues while the user looks at another part of the phone", async () => {
  await withPhone({ "/voice": `<Gather timeout="600"><Say>Hello</Say></Gather>`, "/sms": "" }, async (page) => {
    await call(page, "/voice");
    await heard(page, "Hello");
    await page.getByRole("tab", { name: "Messages" }).click();
    await page.getByRole("tab", { name: "Call" }).click();
    await heard(page, "Hello");
    await page.getByRole("button", { name: "Hang up" }).click();
    await heard(page, "The caller hangs up");
  });
});

/** A speech synthesis that is silent and finishes at once. */
const silentVoice = `
  globalThis.spoken = [];
  Object.defineProperty(globalThis, "speechSynthesis", { value: {
    speaking: false,
    pending: false,
    speak(utterance) {
      spoken.push(utterance.text + " " + utterance.lang);
      queueMicrotask(() => utterance.dispatchEvent(new Event("end")));
    },
    cancel() {},
  } });`;

test("the phone is silent unless sound is on, and then plays only the project's files", async () => {
  const pages: Pages = {
    "/voice": `<Say language="de-DE">Hallo</Say><Play>/a.mp3</Play><Play>https://elsewhere.example/b.mp3</Play>`,
  };
  await withPhone(pages, async (page, harness) => {
    await page.addInitScript(silentVoice);
    await page.reload();
    await page.locator("body[data-is-ready]").waitFor();
    await call(page, "/voice");
    await heard(page, "Twilio hangs up");
    assert.deepEqual([await page.evaluate("spoken"), harness.sounds], [[], []]);
    await page.getByLabel("Sound").check();
    await page.getByRole("button", { name: "Call again" }).click();
    await page.getByText("Call ended").waitFor({ state: "detached" });
    await heard(page, "Twilio hangs up");
    assert.deepEqual([await page.evaluate("spoken"), harness.sounds], [["Hallo de-DE"], ["/a.mp3"]]);
  });
});

const attack = "globalThis.pwned = true";
const hostile = [
  `<Response><script>${attack}</script><Say><img src="x" onerror="${attack}"/></Say></Response>`,
  `<Response><Say>&lt;img src=x onerror="${attack}"&gt;</Say><Play>javascript:${attack}</Play></Response>`,
  `<Response><Message><Media>javascript:${attack}</Media><Body>&lt;script&gt;${attack}&lt;/script&gt;</Body></Message></Response>`,
  `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Response><Say>&b;</Say></Response>`,
  `<!DOCTYPE a SYSTEM "https://dtd.example/a.dtd" [<!ENTITY f SYSTEM "file:///etc/passwd">]><Response><Say>&f;</Say></Response>`,
  `<Response>${"<Gather>".repeat(5000)}`,
  `<Response>${"<Gather>".repeat(90)}${"</Gather>".repeat(90)}</Response>`,
  `<Response>${"<Say>a</Say>".repeat(90_000)}</Response>`,
  `<Response><Say>${"a".repeat(1_000_000)}</Say></Response>`,
  `<Response>${"<Nope a='b'/>".repeat(80_000)}</Response>`,
  `<Response xmlns:x="http://www.w3.org/1999/xhtml"><x:script>${attack}</x:script><Play>https://sounds.example/a.mp3</Play></Response>`,
];

test("hostile TwiML neither runs nor blocks the page", async () => {
  await withPhone({ "/voice": ({ Body }) => ({ body: Body ?? hostile[0] ?? "" }), "/sms": "" }, async (page) => {
    for (const text of hostile) {
      await page.evaluate((each) => (globalThis as unknown as { show: (text: string) => void }).show(each), text);
      assert.equal(await page.evaluate("globalThis.pwned"), undefined);
    }
    const links = await page.locator("a").evaluateAll((all) => all.map((each) => each.getAttribute("href") ?? ""));
    assert.ok(links.every((href) => /^https?:/.test(href)));
    await call(page, "/voice");
    await heard(page, "Twilio hangs up");
    assert.equal(await page.evaluate("globalThis.pwned"), undefined);
  });
});

test("hostile replies do no harm in a conversation or a call", async () => {
  let next = 0;
  const reply = (): { body: string } => ({ body: hostile[next++ % hostile.length] ?? "" });
  await withPhone({ "/voice": reply, "/sms": reply }, async (page) => {
    for (const text of hostile) await sendMessage(page, String(text.length));
    await page.getByRole("tab", { name: "Call" }).click();
    for (let count = 0; count < hostile.length; count += 1) {
      await page.getByRole("button", { name: /^Call( again)?$/ }).click();
      const hangUp = page.getByRole("button", { name: "Hang up" });
      await page.getByText("Connecting").waitFor({ state: "detached" });
      if (await hangUp.isVisible()) await hangUp.click({ timeout: 1000 }).catch(() => undefined);
      await page.getByText("Call ended").waitFor();
    }
    assert.equal(await page.evaluate("globalThis.pwned"), undefined);
  });
});

test("only TwiML has a preview, with problems marked at their places", async () => {
  await withPhone({ "/voice": "" }, async (page) => {
    const show = (text: string, kind?: string): Promise<void> =>
      page.evaluate(
        ([each, what]) => (globalThis as unknown as { show: (...all: unknown[]) => void }).show(each, what),
        [text, kind],
      );
    const preview = page.locator("#preview");
    for (const other of ["", "hello", "{}", "<!doctype html><p>Hi"]) {
      await show(other, "voice");
      assert.equal(await preview.innerHTML(), "", other);
    }
    await show(
      `<Response><Gather numDigit="1" action="/next"><Say>Hi</Say></Gather><Redirect/><Say>Late</Say></Response>`,
    );
    const gather = preview.locator(".twiml-step", { hasText: "Gather" }).first();
    await gather.getByText("did you mean numDigits?").waitFor();
    await gather.getByText("/next").waitFor();
    assert.equal(await preview.getByText("not reached").count(), 1);
    await show("<Response><Message>A</Message><Message>B</Message></Response>", "messaging");
    assert.deepEqual(await preview.locator(".bubble").allInnerTexts(), ["A", "B"]);
    await show("<Response>\n<Say>a & b</Say></Response>");
    await preview.getByText("line 2, column 8").waitFor();
    assert.equal(await preview.locator("mark").innerText(), "&");
    await show("<Response/>");
    await preview.getByText("An empty response").waitFor();
  });
});
