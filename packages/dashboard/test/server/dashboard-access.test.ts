/**
 * Access to the dashboard.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { makeExchange } from "../journal/exchange.ts";
import { json, serve, type Reply } from "./dashboard-fixture.ts";

const tokenIn = (text: string): string | undefined => /name="offhook-token" content="([^"]*)"/.exec(text)?.[1];

test("a link gives a browser access: a cookie, a token, and a policy that blocks everything else", async (t) => {
  const { call, sessions } = await serve(t);
  const { status, headers, text } = await call("GET", `/?code=${sessions.issueCode()}`);
  assert.equal(status, 200);
  const [cookie = ""] = [headers["set-cookie"] ?? []].flat();
  assert.match(cookie, /^offhook-dashboard-\d+=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict$/);
  const ours = { cookie: cookie.split(";", 1)[0] ?? "", "x-offhook-token": tokenIn(text) ?? "" };
  assert.equal((await call("GET", "/api/project", { headers: ours })).status, 200);
  const policy = String(headers["content-security-policy"]);
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  assert.ok(nonce !== undefined && text.includes(`nonce="${nonce}"`));
  assert.ok(!policy.includes("unsafe"));
  assert.match(policy, /default-src 'none'.*media-src http:\/\/localhost:3000;.*frame-ancestors 'none'/);
  assert.equal(headers["x-frame-options"], "DENY");
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["cross-origin-opener-policy"], "same-origin");
  assert.equal(headers["access-control-allow-origin"], undefined);
  const again = await call("GET", "/", { headers: ours });
  assert.notEqual(/'nonce-([^']+)'/.exec(String(again.headers["content-security-policy"]))?.[1], nonce);
  const script = /src="([^"]+)"/.exec(text)?.[1] ?? "";
  assert.match(String((await call("GET", script, { headers: ours })).headers["content-type"]), /^text\/javascript/);
});

test("a browser with a cookie gets the page without a token", async (t) => {
  const { call, cookie, session } = await serve(t);
  const { status, headers, text } = await call("GET", "/", { headers: { cookie } });
  assert.equal(status, 200);
  assert.equal(tokenIn(text), "");
  assert.equal(headers["set-cookie"], undefined);
  assert.ok(!text.includes(session.token));
});

test("a browser without a cookie sees how to get access, and nothing else", async (t) => {
  const { call, sessions } = await serve(t);
  const used = sessions.issueCode();
  sessions.redeem(used, undefined);
  for (const path of ["/", "/?code=", "/?code=guess", `/?code=${used}`, "/?token=x"]) {
    const { status, headers, text } = await call("GET", path);
    assert.equal(status, 403, path);
    assert.match(text, /Press <kbd>o<\/kbd> in the terminal/);
    assert.doesNotMatch(text, /project|<script/);
    assert.equal(headers["set-cookie"], undefined);
    assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
    assert.ok(!String(headers["content-security-policy"]).includes("unsafe"));
  }
  for (const path of ["/page/main.tsx", "/page/style.css", "/api/project", "/api/stream", "/nothing"])
    assert.equal((await call("GET", path)).status, 403, path);
});

test("a code works for a GET request of a tab, and for nothing else", async (t) => {
  const { call, sessions, port } = await serve(t);
  const path = `/?code=${sessions.issueCode()}`;
  assert.equal((await call("HEAD", path)).status, 403);
  assert.equal((await call("POST", path)).status, 405);
  for (const headers of [
    { host: `localhost:${port}` },
    { "sec-fetch-site": "cross-site", "sec-fetch-dest": "document" },
    { "sec-fetch-site": "same-site", "sec-fetch-dest": "document" },
    { "sec-fetch-site": "none", "sec-fetch-dest": "iframe" },
    { origin: "http://localhost:3000" },
  ] as Record<string, string>[]) {
    const { headers: answered } = await call("GET", path, { headers });
    assert.equal(answered["set-cookie"], undefined, JSON.stringify(headers));
  }
  const headers = { "sec-fetch-site": "none", "sec-fetch-dest": "document" };
  assert.equal((await call("GET", path, { headers })).status, 200);
});

test("a browser that opens its link again gets the page", async (t) => {
  const { call, sessions, cookie } = await serve(t);
  const code = sessions.issueCode();
  assert.equal((await call("GET", `/?code=${code}`, { headers: { cookie } })).status, 200);
  const { status, headers } = await call("GET", `/?code=${code}`, { headers: { cookie } });
  assert.deepEqual([status, headers["location"]], [303, "/"]);
  const other = sessions.issueCode();
  assert.ok(sessions.redeem(other, undefined));
  const late = await call("GET", `/?code=${other}`, { headers: { cookie } });
  assert.equal(late.status, 403);
  assert.match(late.text, /already used/);
});

for (const place of ["empty", "iframe", "object", "script", "serviceworker"]) {
  test(`the page is only for a tab, and not for ${place}`, async (t) => {
    const { call, cookie } = await serve(t);
    const headers = { cookie, "sec-fetch-site": "same-origin", "sec-fetch-dest": place };
    assert.equal((await call("GET", "/", { headers })).status, 403);
    assert.equal((await call("GET", "/", { headers: { ...headers, "sec-fetch-dest": "document" } })).status, 200);
  });
}

for (const host of ["evil.com", "localhost:PORT", "127.0.0.1", "[::1]:PORT", "127.0.0.1:PORT.evil.com"]) {
  test(`under the name ${host} there is no dashboard, not even with a session`, async (t) => {
    const { call, admitted, port, sessions } = await serve(t);
    const headers = { ...admitted, host: host.replace("PORT", String(port)) };
    for (const path of ["/", `/?code=${sessions.issueCode()}`, "/page/main.tsx", "/api/project"]) {
      assert.equal((await call("GET", path, { headers })).status, 421);
    }
  });
}

test("headers of a proxy change nothing: a session is required, and sufficient", async (t) => {
  const { call, admitted } = await serve(t);
  for (const name of ["x-forwarded-for", "x-forwarded-host", "forwarded", "via", "x-real-ip", "cf-connecting-ip"]) {
    assert.equal((await call("GET", "/api/project", { headers: { [name]: "127.0.0.1" } })).status, 403);
    assert.equal((await call("GET", "/api/project", { headers: { ...admitted, [name]: "1.2.3.4" } })).status, 200);
  }
});

test("unknown paths and upgrades are refused", async (t) => {
  const { call, admitted: headers } = await serve(t);
  for (const path of [
    "/sms",
    "/_offhook/",
    "//",
    "//api/project",
    "/page/%2e%2e/site.ts",
    "/page/../site.ts",
    "/page/%zz",
    "/modules/x",
    "/page/",
    "/api",
    "/api/",
    "/api/nothing",
    "http://127.0.0.1/api/project",
  ]) {
    assert.equal((await call("GET", path, { headers })).status, 404, path);
  }
  assert.equal((await call("POST", "/", { headers })).status, 405);
  assert.equal((await call("OPTIONS", "/api/project", { headers: { origin: "http://evil.com" } })).status, 403);
  const upgrade = {
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "x",
  };
  assert.equal((await call("GET", "/api/stream", { headers: upgrade })).status, 403);
});

test("the API needs the cookie and the token that belongs to it", async (t) => {
  const { call, sent, journal, sessions, session, cookie } = await serve(t);
  journal.add(makeExchange(1));
  const other = sessions.open();
  const body = JSON.stringify({ target: "/", method: "GET", isSigned: false });
  for (const headers of [
    {},
    { cookie },
    { "x-offhook-token": session.token },
    { cookie, "x-offhook-token": "" },
    { cookie, "x-offhook-token": "wrong" },
    { cookie, "x-offhook-token": other.token },
    { cookie: `${sessions.cookieName}=wrong`, "x-offhook-token": session.token },
  ] as Record<string, string>[]) {
    for (const path of [
      "project",
      "exchanges",
      `exchanges/${makeExchange(1).id}`,
      "har",
      "stream",
      "session",
      "nothing",
    ]) {
      assert.equal((await call("GET", `/api/${path}`, { headers })).status, 403);
    }
    for (const path of ["send", "clear", "open", "resume"]) {
      assert.equal(
        (await call("POST", `/api/${path}`, { headers: { ...headers, ...json }, body: '{"proof":""}' })).status,
        403,
      );
    }
  }
  // Only the event stream may have the token in its URL.
  const inUrl = { headers: { cookie, ...json }, body };
  assert.equal((await call("POST", `/api/send?token=${session.token}`, inUrl)).status, 403);
  assert.equal((await call("GET", `/api/project?token=${session.token}`, { headers: { cookie } })).status, 403);
  assert.deepEqual(sent, []);
  assert.equal(journal.page(9).exchanges.length, 1);
});

test("a page of another origin can do nothing, not even with a session", async (t) => {
  const { call, sent, admitted } = await serve(t);
  const body = JSON.stringify({ target: "/", method: "GET", isSigned: false });
  for (const foreign of [
    { origin: "http://evil.com" },
    { origin: "http://localhost:3000" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ] as Record<string, string>[]) {
    const { status, text } = await call("POST", "/api/send", { headers: { ...admitted, ...json, ...foreign }, body });
    assert.equal(status, 403);
    assert.match(text, /"code":"foreign"/);
    const headers = { ...admitted, ...foreign };
    for (const path of ["/", "/page/main.tsx", "/api/project", "/api/stream"])
      assert.equal((await call("GET", path, { headers })).status, 403, path);
  }
  // A content type that an HTML form can send.
  const form = { ...admitted, "content-type": "text/plain" };
  assert.equal((await call("POST", "/api/send", { headers: form, body })).status, 415);
  assert.deepEqual(sent, []);
});

test("a page that was open before a restart resumes", async (t) => {
  const { call, api, sessions, session, cookie } = await serve(t);
  const { resumeKey } = JSON.parse((await api("GET", "session")).text) as { resumeKey: string };
  const refused = await call("GET", "/api/project", {
    headers: { cookie, "x-offhook-token": "of an earlier process" },
  });
  const { error, challenge } = JSON.parse(refused.text) as { error: { code: string }; challenge: string };
  assert.deepEqual([refused.status, error.code, challenge], [403, "token-invalid", sessions.challenge]);
  const resume = (proof: string): Promise<Reply> =>
    call("POST", "/api/resume", { headers: { cookie, ...json }, body: JSON.stringify({ proof }) });
  assert.equal((await resume(resumeKey)).status, 403);
  const proof = createHmac("sha256", resumeKey).update(challenge).digest("base64url");
  assert.deepEqual(JSON.parse((await resume(proof)).text), { token: session.token });
});
