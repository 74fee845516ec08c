import type { CheckGroup } from "../check.ts";
import type { StartOutcome } from "../targets/target.ts";
import { describe, expectHeader, expectSame, expectStatus, expectText, expectThat } from "../expectations.ts";

const styles = "body {\n  color: teal;\n}\n";

/** A start that fails and names the file. */
function expectTooLarge(outcome: StartOutcome, name: string): void {
  expectThat(!outcome.started, "it started");
  if (!outcome.started) {
    expectThat(outcome.output.includes(name), `it did not name ${name}: ${outcome.output.slice(-200)}`);
  }
}

export const assets: CheckGroup = {
  section: "§9 Assets",
  checks: [
    {
      row: 143,
      title: "A public asset is served with its type",
      confidence: "documented",
      expects: "200, text/css, its content",
      run: async (client) => {
        const reply = await client.get("/a.css");
        expectText(reply, styles);
        expectHeader(reply, "content-type", /^text\/css\b/);
      },
    },
    {
      row: 144,
      title: "HTML is text/html",
      confidence: "inferred",
      expects: "content-type starts text/html",
      run: async (client) => {
        const reply = await client.get("/x.html");
        expectStatus(reply, 200);
        expectHeader(reply, "content-type", /^text\/html\b/);
      },
    },
    {
      row: 145,
      title: "A range of an asset can be requested",
      confidence: "inferred",
      expects: "206 with the first four bytes",
      run: async (client) => {
        const reply = await client.get("/a.css", { headers: { range: "bytes=0-3" } });
        expectStatus(reply, 206);
        expectSame(reply.text, styles.slice(0, 4), "body");
        expectHeader(reply, "content-range", new RegExp(`^bytes 0-3/${styles.length}$`));
      },
    },
    {
      row: 146,
      title: "An asset that has not changed is not sent again",
      confidence: "inferred",
      expects: "304 without a body for If-None-Match",
      run: async (client) => {
        const { etag } = (await client.get("/a.css")).headers;
        if (etag === undefined) throw new Error("no etag");
        const reply = await client.get("/a.css", { headers: { "if-none-match": etag } });
        expectStatus(reply, 304);
        expectSame(reply.body.length, 0, "length");
      },
    },
    {
      row: 147,
      title: "An asset says how long it may be cached",
      confidence: "unknown",
      expects: "nothing is known",
      notVisible: "nothing is known to expect: any Cache-Control will do",
    },
    {
      row: 148,
      title: "A public asset of more than 25 MB is refused",
      confidence: "documented",
      expects: "the start fails and names the file",
      arrangement: "large-public-asset",
      judgeStart: (outcome) => expectTooLarge(outcome, "large.bin"),
    },
    {
      row: 149,
      title: "A private asset of more than 10 MB is refused",
      confidence: "documented",
      expects: "the start fails and names the file",
      arrangement: "large-private-asset",
      judgeStart: (outcome) => expectTooLarge(outcome, "large.private.bin"),
    },
    {
      row: 150,
      title: "POST to an asset serves it",
      confidence: "inferred",
      expects: "200 with its content",
      run: async (client) => {
        const reply = await client.post("/a.css", { form: { a: "1" } });
        expectThat(reply.status === 200 && reply.text === styles, describe(reply));
      },
    },
  ],
};
