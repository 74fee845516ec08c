/** Stack frames name files by path or by URL. Neither shows where a name with spaces and parentheses begins. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, until } from "../site.ts";

const waits = `{
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  callback(null, "never");
};
`;
const leaves = `{
  setTimeout(() => {}, 60_000);
  callback(null, "ok");
};
`;
const throws = `{
  callback(null, context.API_KEY.trim());
};
`;
const kinds = {
  js: "exports.handler = async (context, event, callback) => ",
  mjs: "export const handler = async (context, event, callback) => ",
  ts: "export const handler = async (context: any, event: any, callback: any): Promise<void> => ",
} as const;

test("hints and leftovers have their line, whatever the name of the project's folder is", async (t) => {
  const files = Object.entries(kinds).flatMap(([extension, head]) => [
    [`functions/waits-${extension}.${extension}`, head + waits],
    [`functions/leaves-${extension}.${extension}`, head + leaves],
    [`functions/throws-${extension}.${extension}`, head + throws],
  ]);
  const site = await serve(t, Object.fromEntries(files), { timeout: 4_000 }, true, "offhook test (\u00fc) ");
  for (const extension of Object.keys(kinds)) {
    await t.test(extension, async () => {
      const hintsOf = async (name: string): Promise<{ file?: string; line?: number }[]> => {
        const { hints = [] } = (await site.call(`/${name}`)).json() as { hints?: { file?: string; line?: number }[] };
        return hints;
      };
      const threw = await hintsOf(`throws-${extension}`);
      assert.deepEqual([threw[0]?.file, threw[0]?.line], [`functions/throws-${extension}.${extension}`, 2]);
      const waited = await hintsOf(`waits-${extension}`);
      assert.deepEqual([waited[0]?.file, waited[0]?.line], [`functions/waits-${extension}.${extension}`, 2]);

      const name = `leaves-${extension}`;
      assert.equal((await site.call(`/${name}`)).text, "ok");
      await until("the leftovers are reported", () => site.hints.some((each) => each.function === name));
      const [hint] = site.hints.find((each) => each.function === name)?.hints ?? [];
      assert.deepEqual([hint?.file, hint?.line], [`functions/${name}.${extension}`, 2]);
      const isolate = () => site.ended.find((each) => each.function === name);
      await until("its isolate has ended", () => isolate() !== undefined);
      assert.equal(isolate()?.detail, `timer, started at functions/${name}.${extension}:2:3`);
    });
  }
});
