import assert from "node:assert/strict";
import { test } from "node:test";
import { notices } from "../../src/observe/channels.ts";
import { serve } from "../site.ts";

const hello = { "functions/hello.js": "callback(null, 'hello')" };

for (const [name, node, cause] of [
  // The message of the shell that sets the limits, or of the system if there is no shell.
  ["is missing", "/nowhere/node", /ENOENT|not found|No such file/],
  ["is another program", "/bin/false", /exit code 1/],
  ["has no folder", "/bin/false/node", /ENOTDIR|not found|Not a directory/],
] as const) {
  test(`a Node that ${name} is a 503, with the cause in the log`, async (t) => {
    const messages: string[] = [];
    t.after(notices.subscribe(({ code, message }) => void (code === "isolate-not-started" && messages.push(message))));
    const site = await serve(t, hello, { node });
    const answer = await site.call("/hello");
    assert.equal(answer.status, 503);
    assert.equal(answer.headers["x-offhook-error"], "isolate-not-started");
    assert.ok(messages.length > 0 && messages.length < 10, `no storm of starts: ${messages.length}`);
    assert.match(messages[0] ?? "", cause);
  });
}

test("module scope that ends its process is not loaded ahead again", async (t) => {
  const site = await serve(t, { ...hello, "functions/a-exits.js": "process.exit(1); exports.handler = () => {};" });
  assert.equal((await site.call("/hello")).text, "hello");
  const answer = await site.call("/a-exits");
  assert.equal(answer.status, 500);
  assert.equal(answer.headers["x-offhook-error"], "process-exited");
  assert.equal((await site.call("/hello")).text, "hello");
});
