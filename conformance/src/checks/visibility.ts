import type { CheckGroup } from "../check.ts";
import type { Client } from "../client.ts";
import {
  describe,
  expectNotRun,
  expectRefused,
  expectSame,
  expectStatus,
  expectText,
  expectThat,
  isObject,
  objectOf,
} from "../expectations.ts";
import { encodeForm, sign, withBodyHash } from "../signature.ts";

/** Other spellings of the path of a resource without a URL: `name` with its marker, `path` without. */
function spellingsOf(path: string, name: string): readonly string[] {
  const first = path.slice(1, 2);
  const encoded = `%${first.charCodeAt(0).toString(16)}`;
  return [
    path,
    `/${encoded}${path.slice(2)}`,
    `/%25${encoded.slice(1)}${path.slice(2)}`,
    `/${path}`,
    `/.${path}`,
    `/sms/..${path}`,
    `/sms/%2e%2e${path}`,
    `/sms/..%2f${path.slice(1)}`,
    `/..${path}`,
    `/%2f${path.slice(1)}`,
    `/\\${path.slice(1)}`,
    `${path}/`,
    `${path}.`,
    `${path}%20`,
    `${path}%00`,
    `${path};x=1`,
    `/${path.slice(1).toUpperCase()}`,
    `/${first.toUpperCase()}${path.slice(2)}`,
    `/${name}`,
    `/functions/${name}`,
    `/assets/${name}`,
    `/functions${path}`,
    `/assets${path}`,
    `/assets/../functions/${name}`,
    `${path}.js`,
    `${path}.private`,
    `${path}.private.js`,
    `${path}.protected`,
  ];
}

/** Expects that no spelling discloses it, with any method that reads. */
async function expectHidden(client: Client, path: string, name: string, secret: RegExp): Promise<void> {
  for (const spelling of spellingsOf(path, name)) {
    for (const method of ["GET", "POST"]) {
      const reply = await client.send(spelling, { method });
      expectThat(!secret.test(reply.text), `${method} ${spelling} disclosed it: ${describe(reply)}`);
      expectThat(
        reply.status >= 400 && reply.status < 500,
        `${method} ${spelling}: ${describe(reply)}; expected a 4xx`,
      );
    }
  }
}

const form = { CallSid: "CA0", From: "+15550100", body: "a & b = ż" };

export const visibility: CheckGroup = {
  section: "§8 Visibility and signatures",
  checks: [
    {
      row: 126,
      title: "A private function has no URL, however it is spelt",
      confidence: "documented",
      expects: "4xx, and neither its reply nor its source",
      run: (client) => expectHidden(client, "/lib", "lib.private.js", /private function disclosed|shout/),
    },
    {
      row: 127,
      title: "A private asset has no URL, however it is spelt",
      confidence: "documented",
      expects: "4xx, and nothing of its content",
      run: async (client) => {
        await expectHidden(client, "/b.txt", "b.private.txt", /private text/);
        await expectHidden(client, "/m.js", "m.private.js", /exports\.answer/);
      },
    },
    {
      row: 128,
      title: "A protected function refuses calls without a signature",
      confidence: "documented",
      conflict: "C1",
      expects: "403, and the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const reply = await client.post(`/p?id=${mark}`, { form });
        expectRefused(client, reply, 403);
        await expectNotRun(client, reply, mark);
        expectRefused(client, await client.get("/p"), 403);
      },
    },
    {
      row: 129,
      title: "A protected function refuses a wrong signature",
      confidence: "documented",
      conflict: "C1",
      expects: "403, and the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const url = `${client.options.baseUrl}/p?id=${mark}`;
        const wrong = [
          "wrong",
          "",
          sign(`${client.authToken()}x`, url, form),
          sign(client.authToken(), url, { ...form, CallSid: "CA1" }),
          sign(client.authToken(), url),
        ];
        for (const signature of wrong) {
          const headers = { "x-twilio-signature": signature };
          const reply = await client.post(`/p?id=${mark}`, { form, headers });
          expectRefused(client, reply, 403);
          await expectNotRun(client, reply, mark);
        }
      },
    },
    {
      row: 130,
      title: "A signed form is accepted",
      confidence: "documented",
      expects: "200, with the parameters",
      run: async (client) => {
        const seen = objectOf(await client.postSigned("/p?q=1", form));
        expectSame(seen["ran"], "protected", "ran");
        expectSame(seen["parameters"], { q: "1", ...form }, "event");
      },
    },
    {
      row: 131,
      title: "A signed GET is accepted",
      confidence: "inferred",
      expects: "200, for a signature over the URL with its query",
      run: async (client) => {
        const path = "/p?a=1&b=x%20y";
        const signature = sign(client.authToken(), client.options.baseUrl + path);
        const seen = objectOf(await client.get(path, { headers: { "x-twilio-signature": signature } }));
        expectSame(seen["parameters"], { a: "1", b: "x y" }, "event");
      },
    },
    {
      row: 132,
      title: "A signed JSON body is accepted",
      confidence: "inferred",
      expects: "200, for a signature over the URL that holds bodySHA256",
      run: async (client) => {
        const json = '{"n": 1, "text": "ż"}';
        const path = withBodyHash("/p", json);
        const signature = sign(client.authToken(), client.options.baseUrl + path);
        const seen = objectOf(await client.post(path, { json, headers: { "x-twilio-signature": signature } }));
        const { parameters } = seen;
        expectThat(isObject(parameters) && parameters["n"] === 1, `event is ${JSON.stringify(parameters)}`);
      },
    },
    {
      row: 133,
      title: "A body that does not match bodySHA256 is refused",
      confidence: "inferred",
      expects: "403, and the handler does not run; also as a form, without a body, or as a GET",
      run: async (client) => {
        const mark = client.newMark();
        const path = withBodyHash(`/p?id=${mark}`, '{"n":1}');
        const signature = sign(client.authToken(), client.options.baseUrl + path);
        const reply = await client.post(path, { json: '{"n":2}', headers: { "x-twilio-signature": signature } });
        expectRefused(client, reply, 403);
        await expectNotRun(client, reply, mark);
        // The signature does not cover content type and method, so callers may choose them.
        const headers = { "x-twilio-signature": signature };
        for (const other of [
          await client.post(path, { form: {}, headers }),
          await client.post(path, { form: { "": "" }, headers }),
          await client.get(path, { headers }),
        ]) {
          expectRefused(client, other, 403);
          await expectNotRun(client, other, mark);
        }
      },
    },
    {
      row: 134,
      title: "The signed URL may contain the default port or omit it",
      confidence: "inferred",
      expects: "200 for signatures over the URL with and without :443 or :80",
      run: async (client) => {
        const base = new URL(client.options.baseUrl);
        const defaultPort = base.protocol === "https:" ? "443" : "80";
        // On another port, the host header is the one that a proxy on the default port would pass on. It is a name that
        // any server may take for its own.
        const host = base.port === "" ? base.hostname : "localhost";
        for (const authority of [host, `${host}:${defaultPort}`]) {
          const signature = sign(client.authToken(), `${base.protocol}//${authority}/p`, form);
          const reply = await client.post("/p", { form, headers: { host, "x-twilio-signature": signature } });
          expectThat(reply.status === 200, `signed for ${authority}: ${describe(reply)}`);
          expectSame(objectOf(reply)["ran"], "protected", "ran");
        }
      },
    },
    {
      row: 135,
      title: "A repeated parameter is signed once for each value, sorted",
      confidence: "inferred",
      expects: "200 for b=2&b=1&b=2, signed as b1b2",
      run: async (client) => {
        const repeated = { a: "1", b: ["2", "1", "2"] };
        const seen = objectOf(await client.postSigned("/p", repeated));
        expectSame(seen["parameters"], repeated, `event for ${encodeForm(repeated)}`);
      },
    },
    {
      row: 136,
      title: "A protected asset refuses calls without a signature",
      confidence: "documented",
      conflict: "C1",
      expects: "403 and nothing of its content; 200 when it is signed",
      run: async (client) => {
        const reply = await client.get("/p.txt");
        expectThat(!reply.text.includes("protected text"), describe(reply));
        expectRefused(client, reply, 403);
        const signature = sign(client.authToken(), `${client.options.baseUrl}/p.txt`);
        const signed = await client.get("/p.txt", { headers: { "x-twilio-signature": signature } });
        expectStatus(signed, 200);
        expectText(signed, "protected text\n");
      },
    },
  ],
};
