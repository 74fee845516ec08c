/**
 * Authors test with the `Twilio.Response` of the testing package, which cannot import the runtime's. Both must give the
 * same results for the same calls.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { TwilioResponse as InTests } from "@offhook/helpers/testing";
import { TwilioResponse as OnOffhook } from "../packages/runtime/src/worker/twilio-response.ts";

const name = fc.constantFrom("X-A", "x-a", "Set-Cookie", "set-cookie", "Content-Type", "__proto__");
const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.constant({ an: "object" }),
);

const step = fc.oneof(
  fc.tuple(fc.constant("setStatusCode"), fc.integer()),
  fc.tuple(fc.constant("setBody"), fc.jsonValue()),
  fc.tuple(fc.constant("appendHeader"), name, value),
  fc.tuple(fc.constant("setHeaders"), fc.oneof(fc.dictionary(name, value), fc.constant(null), fc.string())),
  fc.tuple(fc.constant("setCookie"), fc.string(), fc.string(), fc.array(fc.string(), { maxLength: 2 })),
  fc.tuple(fc.constant("removeCookie"), fc.string()),
);

interface Loose {
  readonly statusCode: number;
  readonly body: unknown;
  readonly headers: object;
}

/** The final response, and the result of each step. */
function outcomeOf(make: () => object, steps: readonly (readonly unknown[])[]): unknown {
  const response = make() as Loose & Record<string, (...given: unknown[]) => unknown>;
  const results = steps.map(([method, ...given]) => {
    try {
      return response[String(method)]?.(...given) === response ? "chained" : "not chained";
    } catch (error) {
      return String(error);
    }
  });
  const { statusCode, body, headers } = response;
  return { results, statusCode, body, headers: Object.entries(headers) };
}

test("the same calls give the same response in tests as on the platform", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      assert.deepEqual(
        outcomeOf(() => new InTests(), steps),
        outcomeOf(() => new OnOffhook(), steps),
      );
    }),
    { numRuns: 500 },
  );
});

test("the same constructor options give the same response in tests as on the platform", () => {
  const init = fc.record({ statusCode: fc.integer(), body: fc.jsonValue(), headers: fc.dictionary(name, fc.string()) });
  fc.assert(
    fc.property(init, (given) => {
      assert.deepEqual(
        outcomeOf(() => new InTests(given), []),
        outcomeOf(() => new OnOffhook(given), []),
      );
    }),
  );
});
