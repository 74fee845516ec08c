/** Stack traces, leftovers and syntax errors name the file, line and column of the author's source. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, until } from "../site.ts";

const files = {
  "functions/throws.ts": `interface Long {
  a: string;
  b: number;
}
enum Kind { A, B }
export const handler = (context: unknown, event: Long) => {
  const text: string | undefined = undefined as unknown as string | undefined;
  if (Kind.A === 0) throw new Error("at line 8" + (text as string | undefined));
};
`,
  "functions/later.ts": `type A = {
  b: string;
};

exports.handler = () => {
  setTimeout(() => {
    const thrown: A = { b: "x" };
    throw new Error("later " + thrown.b);
  }, 1);
};
`,
  "functions/leaves.ts": `type A = {
  b: string;
};

export const handler = (context: unknown, event: unknown, callback: Function) => {
  setTimeout((a?: A) => a, 60_000);
  callback(null, "left");
};
`,
  "functions/broken.ts": `const fine: number = 1;
const broken: = 2;
`,
  "functions/logs.ts": `type A = {
  b: string;
};

export const handler = (context: unknown, event: unknown, callback: Function) => {
  console.log(new Error("logged"));
  callback(null, "logged");
};
`,
};

for (const hardened of [false, true]) {
  test(`errors point into TypeScript${hardened ? ", hardened" : ""}`, async (t) => {
    const site = await serve(t, files, { hardened });
    const detailOf = async (path: string): Promise<string> => {
      assert.equal((await site.call(path)).status, 500);
      return site.requests.at(-1)?.detail ?? "";
    };
    assert.match(await detailOf("/throws"), /functions\/throws\.ts:8:27/);
    assert.match(await detailOf("/later"), /functions\/later\.ts:8:11/);
    assert.equal((await site.call("/logs")).text, "logged");
    await until("it is logged", () => site.output.some(({ text }) => /functions\/logs\.ts:6:15/.test(text)));
    const broken = await detailOf("/broken");
    assert.match(broken, /SyntaxError: functions\/broken\.ts:2:15: Unexpected token\n/);
    assert.match(broken, / 2 \| const broken: = 2;\n\s*: +\^/);
    assert.doesNotMatch(broken, /language\/|node:internal/);
    assert.equal((await site.call("/leaves")).text, "left");
    await until("the leftover is reported", () =>
      site.ended.some((end) => JSON.stringify(end).includes("started at functions/leaves.ts:6:3")),
    );
  });
}

test("errors in JavaScript that its author compiled point into the source", async (t) => {
  const map = {
    version: 3,
    sources: ["../source/first.ts"],
    names: [],
    mappings: ";AAKM",
    sourcesContent: [null],
  };
  const site = await serve(t, {
    "functions/first.js": `exports.handler = () => {
throw new Error("mapped"); };
//# sourceMappingURL=first.js.map
`,
    "functions/first.js.map": JSON.stringify(map),
  });
  assert.equal((await site.call("/first")).status, 500);
  assert.match(site.requests.at(-1)?.detail ?? "", /source\/first\.ts:6:/);
});
