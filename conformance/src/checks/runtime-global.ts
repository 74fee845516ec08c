import type { CheckGroup } from "../check.ts";
import type { Client } from "../client.ts";
import { expectSame, expectThat, objectOf } from "../expectations.ts";

async function answerOf(client: Client, question: string): Promise<unknown> {
  return objectOf(await client.get(`/runtime-global?case=${question}`))["answer"];
}

/** Keys that `Runtime.getFunctions()` must have, one of each visibility and one nested. */
const names = ["hello", "lib", "p", "sms/reply"];

function expectNames(seen: unknown): void {
  expectThat(Array.isArray(seen), `keys are ${JSON.stringify(seen)}`);
  const missing = names.filter((name) => !(seen as readonly unknown[]).includes(name));
  expectThat(missing.length === 0, `keys are ${JSON.stringify(seen)}; missing ${missing.join(", ")}`);
}

export const runtimeGlobal: CheckGroup = {
  section: "§7 The global Runtime",
  checks: [
    {
      row: 118,
      title: "getFunctions has every function under its name",
      confidence: "documented",
      expects: "keys without leading slash and extension: sms/reply",
      run: async (client) => expectNames(await answerOf(client, "functions")),
    },
    {
      row: 119,
      title: "A private function can be required",
      confidence: "documented",
      expects: "key lib, and require(path) works",
      run: async (client) => expectSame(await answerOf(client, "require-function"), "shared!", "lib.shout('shared')"),
    },
    {
      row: 120,
      title: "getAssets has only the private assets",
      confidence: "documented",
      expects: "/b.txt and /m.js, and no other",
      run: async (client) => {
        const keys = await answerOf(client, "assets");
        expectSame(Array.isArray(keys) ? (keys as readonly string[]).toSorted() : keys, ["/b.txt", "/m.js"], "keys");
      },
    },
    {
      row: 121,
      title: "open() reads a private asset as UTF-8",
      confidence: "documented",
      expects: "its text, and the same through path",
      run: async (client) => {
        expectSame(await answerOf(client, "open"), "private text: zażółć\n", "open()");
        expectSame(await answerOf(client, "asset-path"), "private text: zażółć\n", "text at path");
      },
    },
    {
      row: 122,
      title: "Code in a private asset can be required",
      confidence: "documented",
      expects: "require(Runtime.getAssets()['/m.js'].path) works",
      run: async (client) => expectSame(await answerOf(client, "require-asset"), 42, "answer"),
    },
    {
      row: 123,
      title: "Runtime exists at module scope",
      confidence: "inferred",
      expects: "the same keys as inside the handler",
      run: async (client) => expectNames(await answerOf(client, "module-scope")),
    },
    {
      row: 124,
      title: "getSync gives the default Sync service",
      confidence: "documented",
      expects: "service default, with the aliases .maps and .lists",
      run: async (client) => {
        const seen = objectOf(await client.get("/sync"));
        expectSame(seen, { serviceName: "default", maps: true, lists: true, documents: true }, "service");
      },
    },
    {
      row: 125,
      title: "getSync gives a named Sync service",
      confidence: "documented",
      expects: "the service named by serviceName",
      run: async (client) => {
        const name = `IS${"0".repeat(32)}`;
        expectSame(objectOf(await client.get(`/sync?serviceName=${name}`))["serviceName"], name, "service");
      },
    },
  ],
};
