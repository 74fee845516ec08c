import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { redirectFile } from "../../src/client.ts";

const key = `SK${"1".repeat(32)}`;
const ownCredentials = `Basic ${Buffer.from(`${key}:offhook-secret`).toString("base64")}`;
const twilioCredentials = `Basic ${Buffer.from("AC0:twilio-secret").toString("base64")}`;

interface Recorded {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

async function startRecorder(t: TestContext): Promise<{ url: string; requests: Recorded[] }> {
  const requests: Recorded[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      requests.push({ line: `${method} ${url}`, headers, body: Buffer.concat(chunks).toString() });
      response.end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Runs a script in a program that loaded the redirect. */
function runScript(url: string, script: string): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  const env = { PATH: process.env["PATH"], OFFHOOK_URL: url, OFFHOOK_API_KEY: `${key}:offhook-secret` };
  return new Promise((resolve) => {
    execFile(process.execPath, ["--require", redirectFile, "-e", script], { env }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, stdout, stderr }),
    );
  });
}

const auth = JSON.stringify(twilioCredentials);
const callers = {
  "https.request with options": `require("https").request({ hostname: "serverless.twilio.com", path: "/v1/Services",
    auth: "AC0:twilio-secret", headers: { Host: "serverless.twilio.com" } }).end()`,
  "https.get with credentials in the URL": `require("https").get("https://AC0:twilio-secret@serverless.twilio.com/v1/Services")`,
  "https.get with a URL object and headers": `require("https").get(new URL("https://serverless.twilio.com/v1/Services"),
    { headers: { authorization: ${auth}, cookie: "twilio-secret" } })`,
  "https.request with a list of headers": `require("https").request("https://serverless.twilio.com/v1/Services",
    { headers: ["Authorization", ${auth}] }).end()`,
  "headers set after the request was made": `const made = require("https").request("https://serverless.twilio.com/v1/Services");
    made.setHeader("Authorization", ${auth}); made.setHeader("Host", "serverless.twilio.com");
    made.appendHeader("Cookie", "twilio-secret"); made.end()`,
  "an edge and a region": `require("https").get("https://serverless.dublin.ie1.twilio.com/v1/Services", { auth: "AC0:twilio-secret" })`,
  "the region that the redirect adds": `require("https").get("https://serverless.offhook.twilio.com/v1/Services", { auth: "AC0:twilio-secret" })`,
  uploads: `require("https").get("https://serverless-upload.twilio.com/v1/Services", { auth: "AC0:twilio-secret" })`,
  import: `import("node:https").then(({ get }) => get("https://serverless.twilio.com/v1/Services", { auth: "AC0:twilio-secret" }))`,
  fetch: `fetch("https://serverless.twilio.com/v1/Services", { headers: { authorization: ${auth}, cookie: "twilio-secret" } })`,
  "fetch with a Request": `fetch(new Request("https://serverless.twilio.com/v1/Services", { headers: { authorization: ${auth} } }))`,
};

for (const [name, script] of Object.entries(callers)) {
  test(`a request to Twilio's Serverless API goes to the server with its key: ${name}`, async (t) => {
    const { url, requests } = await startRecorder(t);
    const { stderr } = await runScript(url, script);
    assert.equal(requests.length, 1, stderr);
    const [{ line, headers } = assert.fail()] = requests;
    assert.equal(line, "GET /v1/Services");
    assert.equal(headers.authorization, ownCredentials);
    assert.equal(headers.host, new URL(url).host);
    assert.doesNotMatch(JSON.stringify(headers), /twilio-secret/);
  });
}

test("the body of a request arrives whole", async (t) => {
  const { url, requests } = await startRecorder(t);
  const target = `"https://serverless.twilio.com/v1/Services"`;
  await runScript(url, `require("https").request(${target}, { method: "POST" }).end("UniqueName=first")`);
  await runScript(url, `fetch(${target}, { method: "POST", body: "UniqueName=second" })`);
  assert.deepEqual(
    requests.map(({ line, body }) => `${line} ${body}`),
    ["POST /v1/Services UniqueName=first", "POST /v1/Services UniqueName=second"],
  );
});

test("requests to other hosts keep their credentials and never reach the server", async (t) => {
  const { url, requests } = await startRecorder(t);
  const other = await startRecorder(t);
  const headers = `{ headers: { authorization: ${auth} } }`;
  await runScript(url, `require("http").get("${other.url}/a", ${headers}); fetch("${other.url}/b", ${headers})`);
  assert.deepEqual(other.requests.map(({ line }) => line).toSorted(), ["GET /a", "GET /b"]);
  assert.ok(other.requests.every((each) => each.headers.authorization === twilioCredentials));
  assert.equal(requests.length, 0);
});

test("hosts with similar names are not redirected", async (t) => {
  const { url, requests } = await startRecorder(t);
  // Reserved for documentation and tests: these names never resolve.
  const hosts = ["serverless.twilio.com.invalid", "serverless-twilio.com.invalid", "x.invalid"];
  for (const host of hosts) {
    const { failed } = await runScript(url, `require("https").get("https://${host}/v1/Services")`);
    assert.ok(failed, host);
  }
  assert.equal(requests.length, 0);
});

test("a server without https is refused, unless it is on this machine", async () => {
  const { failed, stderr } = await runScript("http://api.example.com", "");
  assert.ok(failed);
  assert.match(stderr, /only https is accepted/);
  assert.doesNotMatch(stderr, /offhook-secret/);
});
