/** Correct functions, which are most of the load. Each request must get its own answer, headers and cookies. */
import { sign } from "../../../conformance/src/signature.ts";
import { isText, type TestRequest, type RequestKind } from "../kind.ts";
import { headerOf } from "../reply.ts";
import { formText, hostName, jsonText, requestText } from "../request.ts";

type Maker = RequestKind["makeRequest"];

function kind(name: string, weight: number, makeRequest: Maker): RequestKind {
  return { name, group: "well-behaved", weight, makeRequest };
}

/** Its function answers with its name and the nonce. */
function echoRequest(bytes: string, expected: string): TestRequest {
  return { bytes, status: 200, check: isText(expected) };
}

const plain: Maker = ({ port, minGeneration }, nonce) => {
  const expectedGeneration = minGeneration();
  return {
    bytes: requestText(port, `/plain?nonce=${nonce}`),
    status: 200,
    check: ({ body }) => {
      const [word, answered, generation] = body.split(" ");
      if (word !== "plain" || answered !== nonce) return `body ${body.slice(0, 120)} in place of plain ${nonce}`;
      return Number(generation) >= expectedGeneration
        ? undefined
        : `variables of generation ${generation}, not ${expectedGeneration}`;
    },
  };
};

const response: Maker = ({ port }, nonce) => ({
  bytes: requestText(port, `/response?nonce=${nonce}`, {
    headers: { "X-Nonce": `h-${nonce}`, Cookie: `nonce=c-${nonce}` },
  }),
  status: 200,
  check: (reply) => {
    const header = headerOf(reply, "x-nonce");
    if (header !== `h-${nonce}`) return `header x-nonce ${header} in place of h-${nonce}`;
    const cookie = headerOf(reply, "set-cookie");
    if (cookie?.startsWith(`nonce=c-${nonce};`) !== true) return `cookie ${cookie} in place of c-${nonce}`;
    return isText(`response ${nonce}`)(reply);
  },
});

const json: Maker = ({ port }, nonce, random) => {
  const numbers = [random.whole(0, 99), random.whole(0, 99)];
  const expected = { nonce, doubled: numbers.map((number) => number * 2), text: "\u00e9\u4e16" };
  // Escaped, so that each character is one byte.
  const text = JSON.stringify({ nonce, numbers, text: "" }).replace('""', String.raw`"\u00e9\u4e16"`);
  return {
    bytes: requestText(port, "/json", { headers: { "Content-Type": "application/json" }, body: text }),
    status: 200,
    check: ({ body }) => isText(JSON.stringify(expected))({ status: 200, head: "", body: fromLatin1(body) }),
  };
};

function fromLatin1(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}

function sumOf(text: string): number {
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) sum = (sum * 31 + text.charCodeAt(index)) >>> 0;
  return sum;
}

const signed: Maker = ({ port, authToken }, nonce) => {
  const parameters = { nonce, Body: "It's me" };
  const signature = sign(authToken, `http://${hostName}:${port}/webhook`, parameters);
  return echoRequest(formText(port, "/webhook", parameters, { "X-Twilio-Signature": signature }), `webhook ${nonce}`);
};

export const wellBehaved: readonly RequestKind[] = [
  kind("plain", 400, plain),
  kind("json", 120, json),
  kind("form", 120, ({ port }, nonce) =>
    echoRequest(formText(port, "/form", { nonce, text: "a b&c=d" }), `form ${nonce} a b&c=d`),
  ),
  kind("response", 120, response),
  kind("twiml", 100, ({ port }, nonce) =>
    echoRequest(
      requestText(port, `/twiml?nonce=${nonce}`),
      `<?xml version="1.0" encoding="UTF-8"?><Response><Say>${nonce}</Say></Response>`,
    ),
  ),
  kind("timer", 60, ({ port }, nonce, random) =>
    echoRequest(requestText(port, `/timer?nonce=${nonce}&ms=${random.whole(0, 5)}`), `timer ${nonce}`),
  ),
  kind("awaits", 60, ({ port }, nonce) =>
    echoRequest(requestText(port, `/awaits?nonce=${nonce}`), `awaits ${nonce} 123 true`),
  ),
  kind("asset", 60, ({ port, knownText: known }, nonce) =>
    echoRequest(requestText(port, `/known.txt?nonce=${nonce}`), known),
  ),
  kind("signed", 60, signed),
  kind("once", 20, ({ port }, nonce) => echoRequest(requestText(port, `/once?nonce=${nonce}`), `once ${nonce}`)),
  kind("large-reply", 4, ({ port }, nonce, random) => {
    const times = random.whole(1, 20_000);
    return echoRequest(requestText(port, `/large?nonce=${nonce}&times=${times}`), `${nonce};`.repeat(times));
  }),
  kind("large-request", 4, ({ port }, nonce, random) => {
    const text = `${nonce};`.repeat(random.whole(1, 20_000));
    return echoRequest(jsonText(port, "/sum", { nonce, text }), `sum ${nonce} ${text.length} ${sumOf(text)}`);
  }),
  kind("head", 10, ({ port }, nonce) => ({
    bytes: requestText(port, `/plain?nonce=${nonce}`, { method: "HEAD" }),
    isHead: true,
    status: 200,
  })),
  kind("preflight", 10, ({ port }, nonce) => ({
    bytes: requestText(port, `/plain?nonce=${nonce}`, { method: "OPTIONS" }),
    status: 204,
  })),
];
