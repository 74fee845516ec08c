/**
 * A real `offhook dev` whose functions log their secrets in many ways. The journal, the API and the exports have none
 * of them.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import type { ExchangePage } from "@offhook/dashboard/api";

import { visitDashboard } from "./dashboard-visit.ts";
import { repository, startOffhook } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";

const token = "sk_live_51HqLyjWDarjtT1zdp7dc";
const lines = [
  "-----BEGIN PRIVATE KEY-----",
  "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDLpY4Y4Hq2kBxx",
  "kL0b7p5n0mr4rQeWvXzYtUaQdFgHjKlZxCvBnMqWeRtYuIoPaSdFgHjKlZxCvBnQ",
  "-----END PRIVATE KEY-----",
];

const files = {
  ".env": `API_TOKEN=${token}\nPRIVATE_KEY="${lines.join("\n")}\n"\n`,
  "functions/leak.js": `exports.handler = async (context, event, callback) => {
    const { API_TOKEN: token, PRIVATE_KEY: key } = context;
    console.log("text", key);
    console.log({ key, nested: { deeper: { key, token } } });
    console.log(JSON.stringify({ key, inner: JSON.stringify({ key, token }) }));
    console.log(Buffer.from(key), Buffer.from(token), Buffer.from(token).toString("hex"));
    console.log(Buffer.from(token).toString("base64"), Buffer.from("user:" + key).toString("base64"));
    console.error(new Error("failed with " + key));
    process.stdout.write("half of it: " + token.slice(0, 12));
    console.error("something else");
    process.stdout.write(token.slice(12) + "\\n");
    console.log(encodeURIComponent(key), new URLSearchParams({ key, token }).toString());
    const response = new Twilio.Response();
    response.appendHeader("content-type", "application/json");
    response.appendHeader("x-debug", Buffer.from(token).toString("hex").toUpperCase());
    response.setBody({ key, token, bytes: Buffer.from(token), hex: Buffer.from(key).toString("hex") });
    callback(null, response);
  };`,
};

/** Each piece of eight characters, plain and encoded. */
function tellings(): string[] {
  const found = [token, ...lines].flatMap((line) =>
    Array.from({ length: line.length - 7 }, (_, at) => line.slice(at, at + 8)),
  );
  const codes = [token, ...lines].flatMap((line) => {
    const bytes = Buffer.from(line);
    const hex = bytes.toString("hex");
    return [
      hex.slice(0, 20),
      hex.slice(0, 20).toUpperCase(),
      Array.from(bytes.subarray(0, 8)).join(),
      bytes.toString("base64").slice(0, 20),
    ];
  });
  return [...found, ...codes];
}

test("no part of a secret is in the journal, the API, offhook logs, HAR, curl or a saved test", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const { origin, headers, api } = await visitDashboard(offhook);
  const body = JSON.stringify({ note: lines.join("\n"), hex: Buffer.from(token).toString("hex") });
  await fetch(`${offhook.url}/leak?q=${encodeURIComponent(lines[1] ?? "")}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-note": Buffer.from(token).toString("base64url") },
    body,
  });
  const page = await api<ExchangePage>("GET", "exchanges");
  const id = page.exchanges[0]?.id ?? "";
  const read = async (path: string): Promise<string> => (await fetch(`${origin}/api/${path}`, { headers })).text();
  const shown: Record<string, string> = {};
  // Output after the end of the invocation arrives a moment later.
  for (const deadline = Date.now() + 20_000; Date.now() < deadline && !(shown["exchange"] ?? "").includes("q=");)
    shown["exchange"] = await read(`exchanges/${id}`);
  for (const what of ["curl", "test"]) shown[what] = await read(`exchanges/${id}/${what}`);
  shown["list"] = await read("exchanges");
  shown["har"] = await read("har");
  await offhook.stop();
  const folder = join(project.folder, ".offhook/journal");
  shown["journal"] = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
  const command = join(repository, "packages/cli/bin/offhook.js");
  for (const args of [["--id", "last"], ["--json"], ["--har"], []]) {
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
    const { stdout } = await promisify(execFile)(process.execPath, [command, "logs", ...args], {
      cwd: project.folder,
      env,
    });
    shown[`logs ${args.join(" ")}`] = stdout;
  }
  assert.match(shown["journal"], /half of it: •••/);
  assert.match(shown["exchange"] ?? "", /something else/);
  for (const [place, text] of Object.entries(shown)) {
    for (const telling of tellings()) {
      const spaced = text.replaceAll(/(?<=[0-9a-f]{2}) (?=[0-9a-f]{2})/g, "");
      assert.ok(!text.includes(telling) && !spaced.includes(telling), `${telling} in ${place}: ${text}`);
    }
  }
});
