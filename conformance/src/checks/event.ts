import type { CheckGroup } from "../check.ts";
import type { Client, RequestOf } from "../client.ts";
import { expectNotRun, expectRefused, expectSame, expectText, expectThat, objectOf } from "../expectations.ts";

/** `event` without `request`, as the echo function saw it. */
async function parametersOf(client: Client, query: string, post?: RequestOf): Promise<unknown> {
  const path = `/echo${query}`;
  const seen = objectOf(post === undefined ? await client.get(path) : await client.post(path, post));
  return seen["parameters"];
}

const multipart = '--line\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--line--\r\n';

/** Ways to reach `Object.prototype` through a request. */
const pollutions: readonly { readonly query?: string; readonly post?: RequestOf }[] = [
  { post: { json: '{"__proto__":{"polluted":1}}' } },
  { post: { json: '{"a":{"__proto__":{"polluted":1}},"constructor":{"prototype":{"polluted":1}}}' } },
  { post: { json: '[{"__proto__":{"polluted":1}}]' } },
  { query: "?__proto__[polluted]=1&a[__proto__][polluted]=1" },
  { query: "?constructor[prototype][polluted]=1&__proto__.polluted=1" },
  { post: { form: "__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__=1" } },
];

export const event: CheckGroup = {
  section: "§4 event: parameters",
  checks: [
    {
      row: 80,
      title: "Query parameters are strings in event",
      confidence: "documented",
      expects: 'event.age is "42"',
      run: async (client) =>
        expectSame(await parametersOf(client, "?age=42&name=Rick"), { age: "42", name: "Rick" }, "event"),
    },
    {
      row: 81,
      title: "Form parameters are in event",
      confidence: "documented",
      expects: 'event.a is "1"',
      run: async (client) => expectSame(await parametersOf(client, "", { form: { a: "1" } }), { a: "1" }, "event"),
    },
    {
      row: 82,
      title: "JSON values keep their types",
      confidence: "documented",
      expects: "numbers and nested objects arrive as they are",
      run: async (client) => {
        const json = { n: 1, o: { x: true }, z: null, l: [1, "2"] };
        expectSame(await parametersOf(client, "", { json }), json, "event");
      },
    },
    {
      row: 83,
      title: "The body overrides the query",
      confidence: "documented",
      expects: "event.age is the body's 2, and other query parameters stay",
      run: async (client) => {
        expectSame(await parametersOf(client, "?age=1&b=q", { json: { age: 2 } }), { age: 2, b: "q" }, "event");
        expectSame(await parametersOf(client, "?age=1", { form: { age: "2" } }), { age: "2" }, "event (form)");
      },
    },
    {
      row: 84,
      title: "A JSON array is spread by index",
      confidence: "documented",
      expects: "event[0].a is 1, event[1].a is 2",
      run: async (client) =>
        expectSame(
          await parametersOf(client, "", { json: [{ a: 1 }, { a: 2 }] }),
          { 0: { a: 1 }, 1: { a: 2 } },
          "event",
        ),
    },
    {
      row: 85,
      title: "A repeated form key becomes an array",
      confidence: "inferred",
      expects: '["1","2"]',
      run: async (client) =>
        expectSame(await parametersOf(client, "", { form: "a=1&a=2" }), { a: ["1", "2"] }, "event"),
    },
    {
      row: 86,
      title: "A repeated query key becomes an array",
      confidence: "inferred",
      expects: '["1","2"]',
      run: async (client) => expectSame(await parametersOf(client, "?a=1&a=2"), { a: ["1", "2"] }, "event"),
    },
    {
      row: 87,
      title: "Brackets in a form key are literal",
      confidence: "inferred",
      expects: 'event["Options[1]"] is "x"',
      run: async (client) =>
        expectSame(await parametersOf(client, "", { form: "Options[1]=x" }), { "Options[1]": "x" }, "event"),
    },
    {
      row: 88,
      title: "Brackets in a query key are literal",
      confidence: "inferred",
      expects: 'event["Options[1]"] is "x"',
      run: async (client) => {
        expectSame(await parametersOf(client, "?Options[1]=x"), { "Options[1]": "x" }, "event");
        expectSame(await parametersOf(client, "?Options%5B1%5D=x"), { "Options[1]": "x" }, "event (encoded)");
      },
    },
    {
      row: 89,
      title: "A parameter may be empty",
      confidence: "inferred",
      expects: 'event.a is ""',
      run: async (client) => {
        expectSame(await parametersOf(client, "?a="), { a: "" }, "event");
        expectSame(await parametersOf(client, "", { form: "a=" }), { a: "" }, "event (form)");
      },
    },
    {
      row: 90,
      title: "Plus and percent signs are decoded",
      confidence: "inferred",
      expects: '"1 2+3", and UTF-8 beyond ASCII',
      run: async (client) => {
        expectSame(await parametersOf(client, "?a=1+2%2B3&b=%C5%BC"), { a: "1 2+3", b: "ż" }, "event");
        expectSame(
          await parametersOf(client, "", { form: "a=1+2%2B3&b=%C5%BC" }),
          { a: "1 2+3", b: "ż" },
          "event (form)",
        );
      },
    },
    {
      row: 91,
      title: "Malformed JSON is refused",
      confidence: "inferred",
      expects: "400, and the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const reply = await client.post(`/mark?id=${mark}`, { json: "{bad" });
        expectRefused(client, reply, 400);
        await expectNotRun(client, reply, mark);
      },
    },
    {
      row: 92,
      title: "JSON that is neither object nor array is refused",
      confidence: "inferred",
      expects: "400, and the handler does not run",
      run: async (client) => {
        for (const json of ["5", '"x"', "true"]) {
          const mark = client.newMark();
          const reply = await client.post(`/mark?id=${mark}`, { json });
          expectRefused(client, reply, 400);
          await expectNotRun(client, reply, mark);
        }
      },
    },
    {
      row: 93,
      title: "Multipart fields do not reach event",
      confidence: "inferred",
      expects: "the handler runs, and event.a is undefined",
      run: async (client) => {
        const headers = { "content-type": "multipart/form-data; boundary=line" };
        expectSame(await parametersOf(client, "?q=1", { body: multipart, headers }), { q: "1" }, "event");
      },
    },
    {
      row: 94,
      title: "A text body does not reach event",
      confidence: "inferred",
      expects: "the handler runs with the query alone",
      run: async (client) => {
        const headers = { "content-type": "text/plain" };
        expectSame(await parametersOf(client, "?q=1", { body: "a=1", headers }), { q: "1" }, "event");
      },
    },
    {
      row: 105,
      title: "A parameter named request does no harm",
      confidence: "inferred",
      expects: "200, whichever of the two is in event.request",
      run: async (client) => {
        const seen = objectOf(await client.get("/echo?request=x&a=1"));
        expectSame(seen["parameters"], { a: "1" }, "event");
        expectThat(seen["request"] !== undefined, "event.request is gone");
      },
    },
    {
      row: 106,
      title: "event has the methods of every object",
      confidence: "inferred",
      expects: "event.hasOwnProperty is a function",
      run: async (client) => {
        expectSame(objectOf(await client.get("/echo?a=1"))["hasOwnProperty"], "function", "typeof hasOwnProperty");
        const posted = objectOf(await client.post("/echo", { json: { a: 1 } }));
        expectSame(posted["hasOwnProperty"], "function", "typeof hasOwnProperty (JSON)");
      },
    },
    {
      row: 107,
      title: "No request pollutes a prototype",
      confidence: "unknown",
      expects: "({}).polluted stays undefined in that call and in the next",
      run: async (client) => {
        for (const { query = "", post } of pollutions) {
          const reply = post === undefined ? await client.get(`/echo${query}`) : await client.post("/echo", post);
          // A server may also refuse such a request.
          if (reply.status >= 400 && reply.status < 500) continue;
          expectSame(objectOf(reply)["polluted"], "no", `prototype polluted by ${query}${JSON.stringify(post ?? "")}`);
        }
        expectSame(objectOf(await client.get("/echo"))["polluted"], "no", "prototype polluted afterwards");
        expectText(await client.get("/hello"), "hi");
      },
    },
  ],
};
