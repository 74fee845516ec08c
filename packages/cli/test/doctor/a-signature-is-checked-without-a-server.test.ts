import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { anyFunction } from "../../../check/test/doctor/examined-project-fixture.ts";
import { run } from "../../src/command-line.ts";
import { fakeContext } from "../fake-context.ts";

const token = "0123456789abcdef0123456789abcdef";
const url = "https://my.example.org/sms";

function sign(text: string): string {
  return createHmac("sha1", token).update(text).digest("base64");
}

async function doctor(t: TestContext, options: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const folder = makeProject(t, { ...anyFunction, ".env": `AUTH_TOKEN=${token}\n` });
  writeFileSync(join(folder, "body.json"), '{"a":1}');
  const context = fakeContext();
  const args = options.map((option) => option.replace("@body.json", `@${join(folder, "body.json")}`));
  const code = await run(["doctor", folder, ...args], context);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

test("a valid signature exits with 0, and the option that the server needs is printed", async (t) => {
  const signature = sign(`${url}BodyhiFrom+1`);
  const answer = await doctor(t, ["--url", url, "--signature", signature, "-d", "From=+1", "-d", "Body=hi"]);
  assert.deepEqual([answer.code, answer.err], [0, ""]);
  assert.equal(
    answer.out,
    `ok       Checked against ${url} with AUTH_TOKEN from .env.\n         The signature is valid.\n         → offhook dev --public-url https://my.example.org\n`,
  );
});

test("a signature for another URL exits with 7, and the URL is named", async (t) => {
  const options = ["--url", "http://my.example.org/sms", "--signature", sign(`${url}Bodyhi`), "--data", "Body=hi"];
  const answer = await doctor(t, options);
  assert.equal(answer.code, 7);
  assert.match(
    answer.out,
    /^problem .*\n.*valid for https:\/\/my\.example\.org\/sms\. Restart with --public-url https/,
  );
  const asJson = await doctor(t, [...options, "--json"]);
  const parsed = JSON.parse(asJson.out) as { isValid: boolean; fix: string };
  assert.deepEqual([parsed.isValid, parsed.fix], [false, "--public-url https://my.example.org"]);
  assert.ok(!asJson.out.includes(token));
});

test("the body can be JSON or a file, and parameters can be in the query", async (t) => {
  const hash = createHash("sha256").update('{"a":1}').digest("hex");
  const hashed = `${url}?bodySHA256=${hash}`;
  for (const data of ['{"a":1}', "@body.json"]) {
    assert.equal((await doctor(t, ["--url", hashed, "--signature", sign(hashed), "--data", data])).code, 0, data);
  }
  const signature = sign(`${url}?Body=hi`);
  const options = ["--url", url, "--signature", signature, "--data", "Body=hi", "--method", "GET"];
  assert.equal((await doctor(t, options)).code, 0);
});

test("an incomplete or invalid question is a usage error", async (t) => {
  for (const [options, message] of [
    [["--url", url], /both --url and --signature/],
    [["--data", "a=b"], /both --url and --signature/],
    [["--url", "my.example.org", "--signature", "x"], /Invalid value for --url/],
    [["--url", url, "--signature", "x", "--data", "a"], /Invalid value for --data: "a"/],
    [["--url", url, "--signature", "x", "--data", "{a"], /Expected JSON/],
    [["--url", url, "--signature", "x", "--data", "{}", "--data", "a=b"], /must be the only value/],
    [["--url", url, "--signature", "x", "--data", "{}", "--method", "GET"], /cannot have a JSON body/],
  ] as const) {
    const answer = await doctor(t, options);
    assert.equal(answer.code, 2, options.join(" "));
    assert.match(answer.err, message);
  }
});
