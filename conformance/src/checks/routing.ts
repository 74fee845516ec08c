import type { CheckGroup } from "../check.ts";
import {
  expectBody,
  expectHeader,
  expectNotRun,
  expectRefused,
  expectStatus,
  expectText,
  expectThat,
  describe,
} from "../expectations.ts";

export const routing: CheckGroup = {
  section: "§1 Methods, routing and headers of every reply",
  checks: [
    {
      row: 1,
      title: "GET runs the function",
      confidence: "documented",
      expects: "200, body hi",
      run: async (client) => expectText(await client.get("/hello"), "hi"),
    },
    {
      row: 2,
      title: "POST runs the function",
      confidence: "documented",
      expects: "200, body hi",
      run: async (client) => expectText(await client.post("/hello", { form: { a: "1" } }), "hi"),
    },
    {
      row: 3,
      title: "A string is plain text",
      confidence: "documented",
      expects: "content-type starts text/plain",
      run: async (client) => expectHeader(await client.get("/hello"), "content-type", /^text\/plain\b/),
    },
    {
      row: 4,
      title: "Plain text is labelled utf8, without a hyphen",
      confidence: "observed",
      expects: "content-type: text/plain; charset=utf8",
      run: async (client) => expectHeader(await client.get("/hello"), "content-type", /^text\/plain; charset=utf8$/i),
    },
    {
      row: 5,
      title: "A reply carries the three security headers",
      confidence: "observed",
      expects: "x-content-type-options: nosniff; x-xss-protection: 1; mode=block; x-shenanigans: none",
      run: async (client) => {
        const reply = await client.get("/hello");
        expectHeader(reply, "x-content-type-options", /^nosniff$/);
        expectHeader(reply, "x-xss-protection", /^1; mode=block$/);
        expectHeader(reply, "x-shenanigans", /^none$/);
      },
    },
    {
      row: 6,
      title: "A reply says how many functions run",
      confidence: "documented",
      expects: "x-twilio-function-concurrency is an integer of at least 1",
      run: async (client) => expectHeader(await client.get("/hello"), "x-twilio-function-concurrency", /^[1-9]\d*$/),
    },
    {
      row: 7,
      title: "PUT is refused",
      confidence: "documented",
      expects: "4xx, and the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const reply = await client.send(`/mark?id=${mark}`, { method: "PUT", form: { a: "1" } });
        expectThat(reply.status >= 400 && reply.status < 500, `${describe(reply)}; expected a 4xx`);
        await expectNotRun(client, reply, mark);
      },
    },
    {
      row: 8,
      title: "DELETE is refused",
      confidence: "documented",
      expects: "4xx, and the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const reply = await client.send(`/mark?id=${mark}`, { method: "DELETE" });
        expectThat(reply.status >= 400 && reply.status < 500, `${describe(reply)}; expected a 4xx`);
        await expectNotRun(client, reply, mark);
      },
    },
    {
      row: 9,
      title: "PATCH and TRACE are not allowed methods",
      confidence: "unknown",
      expects: "405, and the allow header names GET and POST. The handler does not run",
      run: async (client) => {
        for (const method of ["PATCH", "TRACE"]) {
          const mark = client.newMark();
          const reply = await client.send(`/mark?id=${mark}`, { method });
          expectRefused(client, reply, 405);
          if (!client.options.lenient) expectHeader(reply, "allow", /\bGET\b.*\bPOST\b/);
          await expectNotRun(client, reply, mark);
        }
      },
    },
    {
      row: 10,
      title: "HEAD is GET without the body",
      confidence: "unknown",
      expects: "200 with the headers of GET and no body",
      run: async (client) => {
        const reply = await client.send("/hello", { method: "HEAD" });
        expectText(reply, "");
        expectHeader(reply, "content-type", /^text\/plain\b/);
      },
    },
    {
      row: 11,
      title: "GET with a body is forbidden",
      confidence: "documented",
      conflict: "C2",
      expects: "403, and the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const reply = await client.get(`/mark?id=${mark}`, { json: { a: 1 } });
        expectStatus(reply, 403);
        await expectNotRun(client, reply, mark);
      },
    },
    {
      row: 12,
      title: "A path that does not exist is not found",
      confidence: "documented",
      expects: "404",
      run: async (client) => {
        expectRefused(client, await client.get("/nope"), 404);
        expectRefused(client, await client.post("/nope", { form: { a: "1" } }), 404);
      },
    },
    {
      row: 13,
      title: "The reply to an unknown path does not run a neighbour",
      confidence: "unknown",
      expects: "404; the body is not known",
      run: async (client) => {
        const reply = await client.get("/hell");
        expectRefused(client, reply, 404);
        expectThat(reply.text !== "hi", describe(reply));
      },
    },
    {
      row: 14,
      title: "A trailing slash is another path",
      confidence: "inferred",
      expects: "GET /hello/ is 404",
      run: async (client) => expectRefused(client, await client.get("/hello/"), 404),
    },
    {
      row: 15,
      title: "Paths are case-sensitive",
      confidence: "inferred",
      expects: "GET /Hello is 404",
      run: async (client) => expectRefused(client, await client.get("/Hello"), 404),
    },
    {
      row: 16,
      title: "A function in a folder has a nested path",
      confidence: "documented",
      expects: "POST /sms/reply runs sms/reply.js",
      run: async (client) => expectText(await client.post("/sms/reply", { form: { Body: "hello" } }), "replied"),
    },
    {
      row: 17,
      title: "There are no wildcards",
      confidence: "documented",
      expects: "GET /hello/x is 404, and the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const reply = await client.get(`/mark/x?id=${mark}`);
        expectRefused(client, reply, 404);
        await expectNotRun(client, reply, mark);
        expectRefused(client, await client.get("/hello/x"), 404);
      },
    },
    {
      row: 18,
      title: "An asset whose path is / is the root document",
      confidence: "documented",
      expects: "GET / has its content",
      notVisible: "no file name gives an asset the path /: needs the upload API",
    },
    {
      row: 19,
      title: "/assets/index.html is the root document too",
      confidence: "documented",
      expects: "GET / and GET /assets/index.html are 200 with the same content",
      run: async (client) => {
        const page = await client.get("/assets/index.html");
        expectThat(page.status === 200 && page.text.includes("Root page"), describe(page));
        const root = await client.get("/");
        expectStatus(root, 200);
        expectBody(root, page.text);
        expectHeader(root, "content-type", /^text\/html\b/);
      },
    },
    {
      row: 20,
      title: "/index.html alone is not the root document",
      confidence: "inferred",
      expects: "GET / is 404, while GET /index.html is 200",
      arrangement: "other-variables",
      run: async (client) => {
        const page = await client.get("/index.html");
        expectThat(page.status === 200 && page.text.includes("Index, not root"), describe(page));
        expectRefused(client, await client.get("/"), 404);
      },
    },
    {
      row: 21,
      title: "The query is not part of the path",
      confidence: "documented",
      expects: "GET /hello?x=1 runs the function",
      run: async (client) => {
        expectText(await client.get("/hello?x=1"), "hi");
        expectText(await client.get("/hello?"), "hi");
      },
    },
    {
      row: 22,
      title: "A function and an asset cannot share a path",
      confidence: "inferred",
      expects: "the start fails and names the duplicate",
      arrangement: "clash",
      judgeStart: (outcome) => {
        const logText = outcome.started ? (outcome.instance.logText?.() ?? "") : outcome.output;
        expectThat(!outcome.started, "it started");
        expectThat(/duplicate|same path|clash|conflict/i.test(logText), `it did not say why: ${logText.slice(-200)}`);
      },
    },
  ],
};
