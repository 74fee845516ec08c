import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";

import { ask, type Answers } from "../../src/init/questions.ts";

async function answer(
  lines: readonly string[],
  flagAnswers: Partial<Answers> = {},
): Promise<[Answers | undefined, string]> {
  const input = new PassThrough();
  const output = new PassThrough();
  const rest = [...lines];
  let text = "";
  output.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (!text.endsWith("]: ")) return;
    const line = rest.shift();
    if (line === undefined) input.end();
    else input.write(line);
  });
  return [await ask(flagAnswers, input, output), text];
}

test("a question accepts a number, a name or Enter", async () => {
  assert.deepEqual((await answer(["2\n", "\n"]))[0], { template: "voice", language: "js" });
  assert.deepEqual((await answer(["\n", "TS\n"]))[0], { template: "sms", language: "ts" });
  const [, said] = await answer(["api\n", "2\n"]);
  assert.match(said, /^What should the project do\?\n {2}1 {2}sms {5}answers text messages\n/);
});

test("an invalid answer repeats the question", async () => {
  const [answers, said] = await answer(["9\n", "x\n", "-1\n", "5\n", "1\n"]);
  assert.deepEqual(answers, { template: "api", language: "js" });
  assert.equal(said.match(/Number or name \[sms\]/g)?.length, 4);
});

test("answers from the command line are not asked", async () => {
  const [answers, said] = await answer(["\n"], { language: "ts" });
  assert.deepEqual(answers, { template: "sms", language: "ts" });
  assert.doesNotMatch(said, /language/);
});

test("the end of the input ends the questions", async () => {
  assert.equal((await answer([]))[0], undefined);
  assert.equal((await answer(["2\n"]))[0], undefined);
});
