import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieHeader, liveCookies, messageCookiesMs, withCookies, type CookieJar } from "../src/call/cookie-jar.ts";
import { deliver, type Answer } from "../src/call/conversation.ts";
import { linkable, resolveAddress } from "../src/call/web-address.ts";
import { randomSid, simulatedFields, webhookRequest } from "../src/call/webhook.ts";
import { askedOf, replyTo, type Asked, type Pages } from "./test-call.ts";

const site = { url: "http://localhost:3000", publicUrl: "https://a.example" };

async function exchange(pages: Pages, jar: CookieJar = []): Promise<Answer & { readonly asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const answer = await deliver({
    target: "/sms",
    fields: { Body: "Hi", From: "+1", To: "+2" },
    site,
    jar,
    now: () => 1000,
    send: (request) => {
      asked.push(askedOf(request));
      return Promise.resolve(replyTo(pages, askedOf(request)));
    },
  });
  return { ...answer, asked };
}

async function shown(pages: Pages): Promise<string[]> {
  const { items } = await exchange(pages);
  return items.map((item) => {
    if (item.kind === "message") return `message ${[item.body, ...item.media].join(" + ")}`;
    return `${item.kind} ${"code" in item ? `${item.code} ` : ""}${item.text}`;
  });
}

test("each message of the reply is shown with its media", async () => {
  const reply = "<Message>One\ntwo</Message><Message><Body>Three</Body><Media>https://a/b.png</Media></Message>";
  assert.deepEqual(await shown({ "/sms": reply }), ["message One\ntwo", "message Three + https://a/b.png"]);
});

test("an empty reply is shown as no reply", async () => {
  for (const none of ["", { body: "" }, { type: "text/plain", body: "" }, { status: 204, type: "" }]) {
    assert.deepEqual(await shown({ "/sms": none }), ["note No reply"]);
  }
});

test("plain text is sent as it is", async () => {
  assert.deepEqual(await shown({ "/sms": { type: "text/plain", body: "Hello <b>" } }), ["message Hello <b>"]);
});

test("TwiML sent as plain text is shown as text, with an explanation", async () => {
  const [message, hint] = await shown({
    "/sms": { type: "text/plain", body: "<Response><Message>Hi</Message></Response>" },
  });
  assert.equal(message, "message <Response><Message>Hi</Message></Response>");
  assert.match(hint ?? "", /^fault .*content type is text\/plain/);
});

test("a redirect is followed with the same message, up to a limit", async () => {
  const pages = {
    "/sms": "<Message>a</Message><Redirect method='GET'>more?x=1</Redirect><Message>never</Message>",
    "/more": "<Message>b</Message>",
  };
  const { items, asked } = await exchange(pages);
  assert.deepEqual(
    items.map((item) => [item.kind === "message" && item.body, item.exchange]),
    [
      ["a", "RQ-/sms"],
      ["b", "RQ-/more"],
    ],
  );
  assert.deepEqual(
    asked.map(({ method, path, fields }) => `${method} ${path} ${fields["Body"]} ${fields["x"]}`),
    ["POST /sms Hi undefined", "GET /more Hi 1"],
  );
  const loop = await shown({ "/sms": "<Redirect>/sms</Redirect>" });
  assert.deepEqual(loop, ["note Stopped after 10 webhooks for one message"]);
  assert.match(
    (await shown({ "/sms": "<Redirect>https://b.example/</Redirect>" })).join(),
    /^note .*not part of this project/,
  );
  assert.match((await shown({ "/sms": "<Redirect>javascript:alert(1)</Redirect>" })).join(), /^fault 11100/);
  const http = await exchange({ "/sms": { status: 302, location: "/b" }, "/b": "<Message>b</Message>" });
  assert.deepEqual(
    http.asked.map(({ method }) => method),
    ["POST", "GET"],
  );
});

test("a message without a reply still has its requests", async () => {
  const pages = { "/sms": "<Redirect>/b</Redirect>", "/b": "" };
  const { items, exchanges } = await exchange(pages);
  assert.deepEqual(items, [{ kind: "note", text: "No reply", exchange: "RQ-/b" }]);
  assert.deepEqual(exchanges, ["RQ-/sms", "RQ-/b"]);
});

test("a reply that Twilio rejects has Twilio's error code", async () => {
  assert.match((await shown({ "/sms": { status: 500 } })).join(), /^fault 11200 The function replied with status 500/);
  assert.match((await shown({ "/sms": { type: "application/json", body: "{}" } })).join(), /^fault 12300/);
  assert.match((await shown({ "/sms": { body: "<Response>&" } })).join(), /^fault 12100 .*line 1, column 11/);
  assert.deepEqual(await shown({ "/sms": "<Play>a</Play><Message>b</Message>" }), [
    "fault 12200 <Play> is for calls, but this is the reply to a message (line 1, column 11)",
    "message b",
  ]);
  assert.deepEqual((await shown({ "/sms": "<Message/>" })).length, 1);
  const many = await shown({ "/sms": "<Message>a</Message>".repeat(12) });
  assert.deepEqual([many.length, many[0]?.slice(0, 11)], [11, "fault 14109"]);
});

test("a webhook that cannot be sent is reported", async () => {
  const answer = await deliver({
    target: "/sms",
    fields: {},
    site,
    jar: [],
    now: () => 0,
    send: () => Promise.reject(new Error("offline")),
  });
  assert.deepEqual(answer.items, [{ kind: "fault", text: "The message could not be sent: offline" }]);
});

test("cookies of a conversation live for four hours, or for as long as they say", async () => {
  const set = {
    body: "<Response/>",
    cookies: ["a=1", "b=2; Max-Age=60", "c=3; Max-Age=99999999", "d=4; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
  };
  const { jar } = await exchange({ "/sms": set });
  const again = await exchange({ "/sms": "" }, jar);
  assert.equal(again.asked[0]?.cookie, "a=1; b=2; c=3");
  assert.deepEqual(
    liveCookies(jar, 1000 + 60_000).map(({ name }) => name),
    ["a", "c"],
  );
  assert.deepEqual(liveCookies(jar, 1000 + messageCookiesMs), []);
});

test("a cookie is sent only within its path", () => {
  const jar = withCookies([], ["a=1; Path=/", "b=2", "c=3; Path=/ivr/x", "no cookie", "=x", "a=4; Path=/"], {
    target: "/ivr/menu?x=/y",
    at: 0,
  });
  assert.equal(cookieHeader(jar, "/ivr/menu", 0), "b=2; a=4");
  assert.equal(cookieHeader(jar, "/ivr/x/y?z", 0), "b=2; c=3; a=4");
  assert.equal(cookieHeader(jar, "/ivrs", 0), "a=4");
  assert.equal(cookieHeader([], "/", 0), undefined);
});

test("an address belongs to the project, to another site, or is invalid", () => {
  const resolve = (reference: string): string => {
    const address = resolveAddress(reference, "http://localhost:3000/ivr/menu?a=b", site);
    return address.kind === "own" ? address.target : address.kind;
  };
  assert.equal(resolve(""), "/ivr/menu?a=b");
  assert.equal(resolve(" next?x=1#y "), "/ivr/next?x=1");
  assert.equal(resolve("/x"), "/x");
  assert.equal(resolve("https://a.example/x"), "/x");
  assert.equal(resolve("https://localhost:3000/x"), "/x");
  assert.equal(resolve("http://localhost:4000/x"), "foreign");
  assert.equal(resolve("//b.example/x"), "foreign");
  assert.equal(resolve("http://localhost:3000@b.example/"), "foreign");
  for (const none of ["javascript:alert(1)", "data:text/xml,x", "http://", "file:///etc/passwd"]) {
    assert.equal(resolve(none), "invalid", none);
  }
});

test("only web addresses become links", () => {
  assert.equal(linkable(" https://a.example/b "), "https://a.example/b");
  for (const none of ["javascript:alert(1)", "/a", "data:x", "http://", "java\nscript:x"])
    assert.equal(linkable(none), undefined);
});

test("a webhook carries its fields in the form, or in the query for GET", () => {
  const common = { target: "/a?b=c", fields: { Body: "x y&z" }, jar: [], at: 0 };
  assert.deepEqual(webhookRequest({ ...common, method: "GET" }), {
    method: "GET",
    target: "/a?b=c&Body=x+y%26z",
    isSigned: true,
  });
  assert.deepEqual(webhookRequest({ ...common, method: "POST" }), {
    method: "POST",
    target: "/a?b=c",
    fields: [["Body", "x y&z"]],
    isSigned: true,
  });
});

test("the fields come from the simulation, with defaults without one", () => {
  const simulation = {
    kind: "sms",
    title: "SMS",
    method: "POST",
    format: "form",
    fields: [{ name: "Body", value: "Hello", isMain: true }],
  } as const;
  assert.equal(simulatedFields([simulation], "sms")["Body"], "Hello");
  assert.match(simulatedFields([], "sms")["AccountSid"] ?? "", /^AC0{32}$/);
  assert.match(randomSid("SM"), /^SM[0-9a-f]{32}$/);
});

test("a message names the webhook for its delivery, if the project has one", async () => {
  const statusOf = async (attributes: string): Promise<unknown> => {
    const { items } = await exchange({ "/sms": `<Message ${attributes}>a</Message>` });
    const [item, ...others] = items;
    return [item?.kind === "message" ? item.statusWebhook : item, others.map(({ kind }) => kind)];
  };
  assert.deepEqual(await statusOf(""), [undefined, []]);
  assert.deepEqual(await statusOf('action="/done" method="GET"'), [{ method: "GET", target: "/done" }, []]);
  assert.deepEqual(await statusOf('statusCallback="done?x=1"'), [{ method: "POST", target: "/done?x=1" }, []]);
  assert.deepEqual(await statusOf('action="https://b.example/"'), [undefined, ["note"]]);
  assert.deepEqual(await statusOf('action="javascript:x"'), [undefined, ["fault"]]);
});

test("media of a reply are absolute, and belong to the URL of the document", async () => {
  const { items } = await exchange({ "/sms": "<Message><Media>cat.png</Media></Message>" });
  assert.deepEqual(items[0]?.kind === "message" && items[0].media, ["https://a.example/cat.png"]);
});

test("a failed webhook says why, if the sender knows", async () => {
  const answer = await deliver({
    target: "/sms",
    fields: {},
    site,
    jar: [],
    now: () => 0,
    send: () => Promise.resolve({ ...replyTo({ "/sms": { status: 500 } }, asking), problem: "TypeError: x" }),
  });
  assert.deepEqual(
    answer.items.map((item) => item.kind === "fault" && item.text),
    ["The function replied with status 500: TypeError: x"],
  );
});

const asking: Asked = { method: "POST", path: "/sms", fields: {}, cookie: undefined };
