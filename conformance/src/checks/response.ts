import type { CheckGroup } from "../check.ts";
import {
  expectHeader,
  expectNoHeader,
  expectSame,
  expectStatus,
  expectText,
  expectThat,
  describe,
} from "../expectations.ts";
import type { Client, Reply } from "../client.ts";

function responseOf(client: Client, name: string): Promise<Reply> {
  return client.get(`/response?case=${name}`);
}

export const response: CheckGroup = {
  section: "§6 Twilio.Response",
  checks: [
    {
      row: 56,
      title: "The status is 200 unless it is set",
      confidence: "documented",
      expects: "200, body x",
      run: async (client) => expectText(await responseOf(client, "plain"), "x"),
    },
    {
      row: 57,
      title: "A string without a type is an octet stream",
      confidence: "observed",
      expects: "content-type: application/octet-stream",
      run: async (client) =>
        expectHeader(await responseOf(client, "plain"), "content-type", /^application\/octet-stream\b/),
    },
    {
      row: 58,
      title: "setStatusCode sets the status",
      confidence: "documented",
      expects: "418",
      run: async (client) => expectStatus(await responseOf(client, "status"), 418),
    },
    {
      row: 59,
      title: "204 has no body",
      confidence: "documented",
      expects: "204 without a body",
      run: async (client) => {
        const reply = await responseOf(client, "no-content");
        expectStatus(reply, 204);
        expectSame(reply.body.length, 0, "length");
      },
    },
    {
      row: 60,
      title: "A redirect keeps its Location",
      confidence: "documented",
      expects: "301 with the location that was set",
      run: async (client) => {
        const reply = await responseOf(client, "redirect");
        expectStatus(reply, 301);
        expectHeader(reply, "location", /^https:\/\/example\.com\/elsewhere$/);
      },
    },
    {
      row: 61,
      title: "An object under application/json is serialised",
      confidence: "documented",
      expects: '200, application/json, {"a":1}',
      run: async (client) => {
        const reply = await responseOf(client, "json-object");
        expectText(reply, '{"a":1}');
        expectHeader(reply, "content-type", /^application\/json\b/);
      },
    },
    {
      row: 62,
      title: "A string under application/json is sent as it is",
      confidence: "inferred",
      conflict: "C9",
      expects: 'body {"a":1}, not encoded a second time',
      run: async (client) => {
        const reply = await responseOf(client, "json-string");
        expectText(reply, '{"a":1}');
        expectHeader(reply, "content-type", /^application\/json\b/);
      },
    },
    {
      row: 63,
      title: "The type may be set in lower case",
      confidence: "documented",
      expects: 'application/json, {"a":1}',
      run: async (client) => {
        const reply = await responseOf(client, "json-lower-case");
        expectText(reply, '{"a":1}');
        expectHeader(reply, "content-type", /^application\/json\b/);
      },
    },
    {
      row: 64,
      title: "An object without a type becomes JSON",
      confidence: "documented",
      conflict: "C10",
      expects: '200, body {"a":1}',
      run: async (client) => expectText(await responseOf(client, "object-untyped"), '{"a":1}'),
    },
    {
      row: 65,
      title: "A Buffer's bytes are unchanged",
      confidence: "documented",
      expects: "200, audio/mpeg, the same six bytes",
      run: async (client) => {
        const reply = await responseOf(client, "buffer");
        expectStatus(reply, 200);
        expectHeader(reply, "content-type", /^audio\/mpeg\b/);
        expectSame([...reply.body], [0, 255, 128, 10, 13, 195], "bytes");
      },
    },
    {
      row: 66,
      title: "appendHeader twice gives two values in order",
      confidence: "documented",
      expects: "x-list has a, then b",
      run: async (client) => expectHeader(await responseOf(client, "append-twice"), "x-list", /^a, ?b$/),
    },
    {
      row: 67,
      title: "appendHeader takes an array",
      confidence: "documented",
      expects: "x-list has a, then b",
      run: async (client) => expectHeader(await responseOf(client, "append-array"), "x-list", /^a, ?b$/),
    },
    {
      row: 68,
      title: "setHeaders replaces earlier headers",
      confidence: "inferred",
      expects: "only the second header",
      run: async (client) => {
        const reply = await responseOf(client, "set-headers");
        expectStatus(reply, 200);
        expectHeader(reply, "x-second", /^2$/);
        expectNoHeader(reply, "x-first");
      },
    },
    {
      row: 69,
      title: "A header's value cannot be an object",
      confidence: "inferred",
      expects: "appendHeader throws “Header value cannot be an object”",
      run: async (client) => {
        const reply = await responseOf(client, "object-header");
        expectThat(/^threw: .*Header value cannot be an object/.test(reply.text), describe(reply));
      },
    },
    {
      row: 70,
      title: "The methods can be chained",
      confidence: "documented",
      expects: "201, body x, and the header that was appended",
      run: async (client) => {
        const reply = await responseOf(client, "chained");
        expectStatus(reply, 201);
        expectSame(reply.text, "x", "body");
        expectHeader(reply, "x-chained", /^yes$/);
      },
    },
  ],
};
