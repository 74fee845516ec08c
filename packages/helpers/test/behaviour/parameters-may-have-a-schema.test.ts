import { type } from "arktype";
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { z } from "zod";
import { prepareFlexFunction, prepareStudioFunction, type StandardSchema } from "@offhook/helpers";
import { callFunction, fakeContext, startTokenService } from "@offhook/helpers/testing";
import { installGlobalsForAll, listenToConsole } from "../surroundings.ts";

installGlobalsForAll();

const context = fakeContext({ PATH: "/order" });

interface Order {
  readonly id: string;
  readonly count: number;
}

const schemas: Readonly<Record<string, StandardSchema<Order>>> = {
  zod: z.object({ id: z.string(), count: z.coerce.number().int() }),
  valibot: v.object({ id: v.string(), count: v.pipe(v.string(), v.decimal(), v.transform(Number)) }),
  arktype: type({ id: "string", count: "string.integer.parse" }),
};

for (const [library, schema] of Object.entries(schemas)) {
  test(`${library}: the handler gets the schema's output and the request`, async () => {
    const prepared = prepareStudioFunction(schema, (_context, event, callback) => {
      const order: Order = event;
      assert.equal(event.request?.headers["x-a"], "b");
      callback(null, { id: order.id, count: order.count });
    });
    const request = { headers: { "x-a": "b" }, cookies: {} };
    const reply = await callFunction(prepared, { context, event: { id: "A1", count: "3", request } });
    assert.deepEqual(reply.json(), { id: "A1", count: 3 });
  });

  test(`${library}: an invalid parameter is a 400 with its path`, async (t) => {
    const lines = listenToConsole(t);
    const prepared = prepareStudioFunction(schema, () => assert.fail("not to run"));
    const reply = await callFunction(prepared, { context, event: { count: "many" } });
    assert.equal(reply.status, 400);
    assert.equal(reply.headers["access-control-allow-origin"], "*");
    const { data, message, issues } = reply.json() as { data: null; message: string; issues: { path: string }[] };
    assert.equal(data, null);
    assert.match(message, /^\(\/order\) .*id: .+; ?.*count: .+|^\(\/order\) .*count: .+; ?.*id: .+/);
    assert.deepEqual(issues.map(({ path }) => path).toSorted(), ["count", "id"]);
    assert.deepEqual(lines, ["error: (/order) invalid parameters passed"]);
  });
}

test("a strict schema sees only the parameters, without the platform's and the token check's keys", async () => {
  const tokens = await startTokenService();
  try {
    const prepared = prepareFlexFunction(z.strictObject({ id: z.string() }), (_context, event, callback) => {
      callback(null, { id: event.id, token: event.Token, identity: event.TokenResult.identity });
    });
    const Token = tokens.issue({ identity: "ada" });
    const options = { context: fakeContext(tokens.variables()), event: { Token, id: "A1" } };
    assert.deepEqual((await callFunction(prepared, options)).json(), { id: "A1", token: Token, identity: "ada" });
  } finally {
    await tokens[Symbol.asyncDispose]();
  }
});

test("a schema may be asynchronous, report nested paths, and fail", async (t) => {
  listenToConsole(t);
  const custom = (validate: StandardSchema<object>["~standard"]["validate"]): StandardSchema<object> => ({
    "~standard": { version: 1, vendor: "test", validate },
  });
  const answer = async (schema: StandardSchema<object>): Promise<{ status: number; json(): unknown }> =>
    await callFunction(
      prepareStudioFunction(schema, (_context, _event, callback) => callback(null, "ran")),
      { context },
    );
  assert.equal((await answer(custom(async () => ({ value: {} })))).status, 200);
  const path = ["lines", { key: 0 }, "sku"];
  const nested = await answer(custom(() => ({ issues: [{ message: "is none", path }, { message: "bad" }] })));
  assert.deepEqual(nested.json(), {
    data: null,
    message: "(/order) lines.0.sku: is none; bad",
    issues: [
      { path: "lines.0.sku", message: "is none" },
      { path: "", message: "bad" },
    ],
  });
  class Order {
    double(): number {
      return 2;
    }
  }
  const instance = prepareStudioFunction(
    custom(() => ({ value: new Order() })) as StandardSchema<Order>,
    (_context, event, callback) => {
      callback(null, `${event.double()} ${typeof event.request}`);
    },
  );
  assert.equal((await callFunction(instance, { context })).body, "2 object");
  assert.equal((await answer(custom(() => ({ value: Object.freeze({ a: 1 }) })))).status, 200);
  const noObject = await answer(custom(() => ({ value: "text" as never })));
  assert.equal(noObject.status, 500);
  assert.match(String((noObject.json() as { message: string }).message), /schema is a string, not an object/);
  const failed = await answer(
    custom(() => {
      throw new Error("broken schema");
    }),
  );
  assert.equal(failed.status, 500);
});
