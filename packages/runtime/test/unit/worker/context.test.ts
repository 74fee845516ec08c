import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { Invoke, Setup } from "../../../src/protocol/messages.ts";
import { buildContext, type Additions, type Context } from "../../../src/worker/context.ts";
import { TwilioPackage } from "../../../src/worker/twilio-package.ts";
import { bareSetup } from "./setup-fixture.ts";

const invoke: Invoke = { kind: "invoke", id: 1, function: "f", path: "/f", query: "", domain: "host", headers: [] };
const { signal } = new AbortController();
const additions: Additions = { signal, getRemainingTimeInMillis: () => 7 };
const names = ["signal", "getRemainingTimeInMillis"] as const;

function contextWith(variables: Readonly<Record<string, string>> = {}, own = additions): Context {
  const setup: Setup = { ...bareSetup, variables };
  return buildContext(invoke, setup, new TwilioPackage(setup), own);
}

test("variables win over the defaults, but not over getTwilioClient", () => {
  const context = contextWith({ PATH: "/mine", GREETING: "hi", getTwilioClient: "text" });
  const { getTwilioClient, ...rest } = context;
  assert.equal(typeof getTwilioClient, "function");
  assert.deepEqual(rest, {
    DOMAIN_NAME: "host",
    PATH: "/mine",
    SERVICE_SID: "ZS",
    ENVIRONMENT_SID: "ZE",
    GREETING: "hi",
  });
});

for (const name of names) {
  test(`${name} can be read by name, and is not listed, copied or printed`, () => {
    const context = contextWith();
    assert.equal(context[name], additions[name]);
    assert.ok(Object.hasOwn(context, name));
    const listed: string[] = [];
    for (const key in context) listed.push(key);
    assert.ok(!listed.includes(name));
    assert.ok(!JSON.stringify(context).includes(name));
    assert.ok(!inspect(context).includes(name));
    assert.equal(Object.hasOwn({ ...context }, name), false);
    assert.equal(Object.hasOwn(Object.assign({}, context), name), false);
    assert.equal(Object.getPrototypeOf(context), Object.prototype);
  });

  test(`a variable named ${name} replaces it, and the other one stays`, () => {
    const context = contextWith({ [name]: "green" });
    assert.equal(context[name], "green");
    assert.ok(Object.keys(context).includes(name));
    for (const other of names) if (other !== name) assert.equal(context[other], additions[other]);
  });

  test(`${name} can be assigned, for one context only`, () => {
    const [context, next] = [contextWith(), contextWith()];
    context[name] = "mine";
    assert.equal(context[name], "mine");
    assert.ok(Object.keys(context).includes(name));
    assert.equal(next[name], additions[name]);
  });

  test(`${name} is undefined on a proxy of a context or an object derived from it`, () => {
    const context = contextWith();
    assert.equal((Object.create(context) as Context)[name], undefined);
    assert.equal(new Proxy(context, {})[name], undefined);
  });

  test(`each context has its own ${name}`, () => {
    const others: Additions = { signal: new AbortController().signal, getRemainingTimeInMillis: () => 8 };
    const [one, other] = [contextWith(), contextWith({}, others)];
    assert.equal(one[name], additions[name]);
    assert.equal(other[name], others[name]);
  });
}

test("additions that are not read are not created", () => {
  const asked: string[] = [];
  const lazy = new Proxy(additions, {
    get(target, name: keyof Additions) {
      asked.push(name);
      return target[name];
    },
  });
  const context = contextWith({}, lazy);
  JSON.stringify({ ...context });
  assert.deepEqual(asked, []);
  assert.equal(context["signal"], signal);
  assert.deepEqual(asked, ["signal"]);
});
