/**
 * One isolate serves many invocations, one after the other. An invocation does not see the data of earlier ones, except
 * what the author's module scope keeps. Hosted Functions do the same.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve, type CallOptions } from "../site.ts";

/** Stores its data in every possible place, and reports what it found there. */
const nosy = `
  const asyncHooks = require('async_hooks'), path = require('path');
  exports.handler = (context, event, callback) => {
    const found = [];
    const places = {
      env: process.env, global: globalThis, functions: Runtime.getFunctions(), assets: Runtime.getAssets(),
      versions: Object.getPrototypeOf(context), prototype: Object.getPrototypeOf(event),
      headers: Object.getPrototypeOf(event.request.headers), cookies: Object.getPrototypeOf(event.request.cookies),
    };
    for (const [name, place] of Object.entries(places)) {
      if (place === null || name === 'prototype' || name === 'versions') continue;
      if (place.kept !== undefined) found.push(name);
    }
    for (const [name, own] of Object.entries({ context, event, request: event.request })) if (own.kept !== undefined) found.push(name);
    if (process.cwd() !== path.dirname(__dirname)) found.push('cwd');
    if (process.title.includes('secret')) found.push('title');
    const text = JSON.stringify([context, event, process.env, process.argv, Object.keys(globalThis)]);
    const others = [...text.matchAll(/secret-(\\w+)/g)].map(([, nonce]) => nonce).filter((nonce) => nonce !== event.nonce);
    callback(null, { found, others, nonce: event.nonce, pid: process.pid });
    for (const place of [process.env, globalThis, places.functions, places.assets, context, event, event.request]) {
      try { place.kept = 'secret-' + event.nonce; } catch {}
    }
    context.deep = event;
    process.chdir('/');
    asyncHooks.executionAsyncResource().kept = event;
    console.log('secret-' + event.nonce);
  };`;

test("an invocation finds no data of earlier invocations", async (t) => {
  const site = await serve(t, { "functions/nosy.js": nosy, "assets/a.private.txt": "a" });
  const pids = new Set<number>();
  for (let i = 0; i < 8; i++) {
    const nonce = `n${i}`;
    const options: CallOptions = {
      headers: { cookie: `c=secret-${nonce}`, "x-own": `secret-${nonce}` },
      json: { nonce, [`only${i}`]: `secret-${nonce}` },
    };
    const answer = (await site.call(`/nosy?q${i}=secret-${nonce}`, options)).json() as { pid: number };
    pids.add(answer.pid);
    assert.deepEqual(answer, { found: [], others: [], nonce, pid: answer.pid });
  }
  assert.ok(pids.size < 8, "at least one isolate was reused");
});

test("invocations that run in one isolate at once keep their own event, context and output", async (t) => {
  const shared = `
    exports.handler = async (context, event, callback) => {
      context.own = event.nonce;
      for (let turn = 0; turn < 5; turn++) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
        console.log(event.nonce);
        if (context.own !== event.nonce || event.request.cookies.nonce !== event.nonce) return callback(null, 'mixed up');
      }
      callback(null, event.nonce);
    };`;
  const site = await serve(t, { "functions/shared.js": shared }, { isolateConcurrency: 20, reuse: "always" });
  const nonces = Array.from({ length: 20 }, (_, i) => `n${i}`);
  const answers = await Promise.all(
    nonces.map((nonce) => site.call(`/shared?nonce=${nonce}`, { headers: { cookie: `nonce=${nonce}` } })),
  );
  assert.deepEqual(
    answers.map(({ text }) => text),
    nonces,
  );
  const requestOf = new Map<string, Set<string>>();
  for (const { requestId = "", text } of site.output) {
    requestOf.set(requestId, (requestOf.get(requestId) ?? new Set()).add(text));
  }
  for (const [i, { headers }] of answers.entries()) {
    const id = headers["x-offhook-request-id"] as string;
    assert.deepEqual([...(requestOf.get(id) ?? [])], [nonces[i]], "each invocation has only its own lines");
  }
});

test("with a fresh isolate each time, module scope is not kept, either", async (t) => {
  const site = await serve(
    t,
    {
      "functions/last.js":
        "let last; exports.handler = (context, event, callback) => { callback(null, { last }); last = event.nonce; };",
    },
    { reuse: "never" },
  );
  for (const nonce of ["a", "b", "c"]) assert.deepEqual((await site.call(`/last?nonce=${nonce}`)).json(), {});
});
