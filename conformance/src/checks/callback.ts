import type { CheckGroup } from "../check.ts";
import { describe, expectHeader, expectStatus, expectText, expectThat } from "../expectations.ts";

const emptyVoice = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<Response\s*(?:\/>|><\/Response>)\s*$/;

export const callback: CheckGroup = {
  section: "§5.1 What callback turns into",
  checks: [
    {
      row: 46,
      title: "An object becomes JSON",
      confidence: "documented",
      expects: '200, application/json, {"a":1}',
      run: async (client) => {
        const reply = await client.get("/success?case=object");
        expectText(reply, '{"a":1}');
        expectHeader(reply, "content-type", /^application\/json\b/);
      },
    },
    {
      row: 47,
      title: "An array becomes JSON, with a type without charset",
      confidence: "observed",
      expects: "200, content-type: application/json, [1]",
      run: async (client) => {
        const reply = await client.get("/success?case=array");
        expectText(reply, "[1]");
        expectHeader(reply, "content-type", /^application\/json$/);
      },
    },
    {
      row: 48,
      title: "A VoiceResponse becomes XML",
      confidence: "documented",
      expects: "200, an XML type, an empty Response element",
      run: async (client) => {
        const reply = await client.get("/success?case=voice");
        expectStatus(reply, 200);
        expectHeader(reply, "content-type", /^(?:text|application)\/xml\b/);
        expectThat(emptyVoice.test(reply.text), describe(reply));
      },
    },
    {
      row: 49,
      title: "TwiML is text/xml",
      confidence: "inferred",
      expects: "content-type starts text/xml",
      run: async (client) => expectHeader(await client.get("/success?case=voice"), "content-type", /^text\/xml\b/),
    },
    {
      row: 50,
      title: "A MessagingResponse becomes XML",
      confidence: "documented",
      expects: "200, an XML type, the message escaped",
      run: async (client) => {
        const reply = await client.get("/success?case=messaging");
        expectStatus(reply, 200);
        expectHeader(reply, "content-type", /^(?:text|application)\/xml\b/);
        expectThat(reply.text.includes("<Response><Message>Ahoy &amp; hello</Message></Response>"), describe(reply));
      },
    },
    {
      row: 51,
      title: "Nothing becomes an empty reply",
      confidence: "documented",
      expects: "callback() and callback(null, null) are 200 without a body",
      run: async (client) => {
        expectText(await client.get("/success?case=nothing"), "");
        expectText(await client.get("/success?case=null"), "");
      },
    },
    {
      row: 52,
      title: "A boolean becomes its name",
      confidence: "documented",
      expects: "200, body true",
      run: async (client) => expectText(await client.get("/success?case=true"), "true"),
    },
    {
      row: 53,
      title: "A number becomes its digits",
      confidence: "documented",
      expects: "200, body 42",
      run: async (client) => expectText(await client.get("/success?case=number"), "42"),
    },
    {
      row: 54,
      title: "An empty string becomes an empty reply",
      confidence: "inferred",
      expects: "200 without a body",
      run: async (client) => expectText(await client.get("/success?case=empty"), ""),
    },
    {
      row: 55,
      title: "A string that looks like XML is plain text",
      confidence: "documented",
      expects: "200, text/plain, <Response/>",
      run: async (client) => {
        const reply = await client.get("/success?case=xml");
        expectText(reply, "<Response/>");
        expectHeader(reply, "content-type", /^text\/plain\b/);
      },
    },
  ],
};
