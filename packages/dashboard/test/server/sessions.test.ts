/**
 * A code gives access to one browser, once. A cookie alone gives no access. Credentials of one process do not work with
 * another.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { Sessions, type Session } from "../../src/server/sessions.ts";

const key = "k".repeat(43);

function open(options: { readonly port?: number; readonly key?: string } = {}) {
  let nowMs = 1_000_000_000_000;
  let reuses = 0;
  const sessions = new Sessions({
    key,
    port: 3001,
    ...options,
    now: () => nowMs,
    onReuse: () => (reuses += 1),
  });
  const admit = (cookies?: string): Session =>
    sessions.redeem(sessions.issueCode(), cookies) ?? assert.fail("no session");
  const pass = (ms: number): void => void (nowMs += ms);
  return { sessions, admit, pass, reuses: () => reuses };
}

const header = ({ cookie }: Session, port = 3001): string => `offhook-dashboard-${port}=${cookie}`;
const prove = (resumeKey: string, challenge: string): string =>
  createHmac("sha256", resumeKey).update(challenge).digest("base64url");

test("a code works once", () => {
  const { sessions, reuses } = open();
  const code = sessions.issueCode();
  assert.equal(sessions.redeem("", undefined), undefined);
  assert.equal(sessions.redeem(code.slice(1), undefined), undefined);
  assert.equal(reuses(), 0);
  const session = sessions.redeem(code, undefined) ?? assert.fail();
  assert.equal(sessions.find(header(session), session.token), session.cookie);
  assert.equal(sessions.redeem(code, undefined), undefined);
  assert.equal(reuses(), 1);
});

test("a code expires after ten minutes", () => {
  const { sessions, pass, reuses } = open();
  const code = sessions.issueCode();
  pass(10 * 60_000 - 1);
  const other = sessions.issueCode();
  pass(1);
  assert.equal(sessions.redeem(code, undefined), undefined);
  assert.equal(reuses(), 0);
  assert.ok(sessions.redeem(other, undefined));
});

test("the number of codes is limited", () => {
  const { sessions } = open();
  const codes = Array.from({ length: 150 }, () => sessions.issueCode());
  assert.equal(sessions.redeem(codes[0] ?? "", undefined), undefined);
  assert.ok(sessions.redeem(codes.at(-1) ?? "", undefined));
});

test("a code that a second browser used ends all sessions at the next link", () => {
  const { sessions, reuses } = open();
  const code = sessions.issueCode();
  const session = sessions.redeem(code, undefined) ?? assert.fail();
  // The same browser opens its link again.
  assert.equal(sessions.redeem(code, header(session)), undefined);
  assert.ok(!sessions.isContested);
  assert.equal(sessions.redeem(code, undefined), undefined);
  assert.ok(sessions.isContested);
  assert.equal(reuses(), 1);
  // Nobody loses access until the user asks for a link, because other users can repeat a code that they have read.
  assert.ok(sessions.find(header(session), session.token));
  const before = sessions.issueCode();
  const resumeKey = sessions.resumeKeyOf(session.cookie);
  sessions.reset("r".repeat(43));
  assert.ok(!sessions.isContested);
  assert.ok(!sessions.hasCookie(header(session)));
  assert.equal(sessions.find(header(session), session.token), undefined);
  assert.equal(sessions.resume(header(session), prove(resumeKey, sessions.challenge)), undefined);
  assert.equal(sessions.redeem(before, undefined), undefined);
});

test("a browser with its own session notices that another browser used its code first", () => {
  const { sessions, admit, reuses } = open();
  const session = admit();
  const code = sessions.issueCode();
  assert.ok(sessions.redeem(code, undefined));
  assert.equal(sessions.redeem(code, header(session)), undefined);
  assert.ok(sessions.isContested);
  assert.equal(reuses(), 1);
});

test("the tabs of one browser share a cookie", () => {
  const { sessions, admit } = open();
  const first = admit();
  const second = admit(header(first));
  assert.deepEqual(second, first);
  assert.notEqual(admit().cookie, first.cookie);
  assert.ok(sessions.find(header(first), first.token));
});

test("a cookie needs its token, and a token its cookie", () => {
  const { sessions, admit } = open();
  const [one, other] = [admit(), admit()];
  assert.ok(sessions.hasCookie(header(one)));
  for (const [cookies, token] of [
    [header(one), ""],
    [header(one), other.token],
    [header(other), one.token],
    [header(one), one.cookie],
    ["", one.token],
    [undefined, one.token],
    [header(one).replace("3001", "3002"), one.token],
  ] as const) {
    assert.equal(sessions.find(cookies, token), undefined, `${cookies} ${token}`);
  }
});

test("a cookie without a valid signature is ignored", () => {
  const { sessions, admit } = open();
  const { cookie } = admit();
  const [expires = "", random = "", signature = ""] = cookie.split(".");
  for (const changed of [
    "",
    ".",
    "..",
    cookie.slice(1),
    cookie.slice(0, -1),
    `${expires}0.${random}.${signature}`,
    `${expires}.${random}`,
    `${expires}.${random}.`,
    `${expires}.x.${signature}`,
    "é".repeat(40),
  ]) {
    assert.ok(!sessions.hasCookie(`offhook-dashboard-3001=${changed}`), changed);
  }
});

test("a session ends after a week", () => {
  const { sessions, admit, pass } = open();
  const session = admit();
  pass(7 * 24 * 60 * 60_000 - 1);
  assert.ok(sessions.find(header(session), session.token));
  pass(1);
  assert.equal(sessions.find(header(session), session.token), undefined);
});

test("cookies that another server on this host adds do not lock the browser out", () => {
  const { sessions, admit } = open();
  const session = admit();
  const cookies = `a=b; offhook-dashboard-3001=tossed; offhook-dashboard-3001; ${header(session)}; offhook-dashboard-3001=`;
  assert.equal(sessions.find(cookies, session.token), session.cookie);
});

test("after a restart a page resumes with the key that only it has", () => {
  const { sessions: before, admit } = open();
  const session = admit();
  const resumeKey = before.resumeKeyOf(session.cookie);
  const { sessions } = open();
  assert.ok(sessions.hasCookie(header(session)));
  assert.equal(sessions.find(header(session), session.token), undefined);
  assert.notEqual(sessions.challenge, before.challenge);
  const proof = prove(resumeKey, sessions.challenge);
  assert.equal(sessions.resume(undefined, proof), undefined);
  assert.equal(sessions.resume(header(session), ""), undefined);
  assert.equal(sessions.resume(header(session), resumeKey), undefined);
  // The credentials that another program on this port could have received while the server was down.
  assert.equal(sessions.resume(header(session), prove(resumeKey, before.challenge)), undefined);
  assert.equal(sessions.resume(header(session), prove(resumeKey, "of its own")), undefined);
  const token = sessions.resume(header(session), proof) ?? assert.fail();
  assert.ok(sessions.find(header(session), token));
  assert.equal(before.find(header(session), token), undefined);
});

test("credentials for one port do not work on another", () => {
  const { sessions: first, admit } = open();
  const session = admit();
  const { sessions } = open({ port: 3002 });
  assert.ok(!sessions.hasCookie(header(session)));
  assert.ok(!sessions.hasCookie(header(session, 3002)));
  const proof = prove(first.resumeKeyOf(session.cookie), sessions.challenge);
  assert.equal(sessions.resume(header(session, 3002), proof), undefined);
  assert.ok(!open({ key: "o".repeat(43) }).sessions.hasCookie(header(session)));
});
