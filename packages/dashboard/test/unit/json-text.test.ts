import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { formattedJson, jsonFault } from "../../src/page/simulator/json-text.ts";

const faults: readonly (readonly [text: string, place: string, message: RegExp])[] = [
  ["", "1:1", /expected a value/],
  ['{\n  "a": 1,\n}', "3:1", /expected a name in quotes$/],
  ['{\n  "a": 1\n  "b": 2\n}', "3:3", /expected a comma or }/],
  ["{a: 1}", "1:2", /expected a name in quotes or }/],
  ['{"a" 1}', "1:6", /expected a colon/],
  ["[1, 2", "1:6", /expected a comma or ]/],
  ["[1,]", "1:4", /expected a value/],
  ["[01]", "1:3", /expected a comma or ]/],
  ['["a\nb"]', "1:2", /no closing quote/],
  ['["a\\x"]', "1:2", /invalid character or escape/],
  ["{} {}", "1:4", /expected the end/],
  ["'a'", "1:1", /expected a value/],
];

for (const [text, place, message] of faults) {
  test(`the place of the fault is named: ${JSON.stringify(text)}`, () => {
    const fault = jsonFault(text);
    assert.equal(`${fault?.line}:${fault?.column}`, place);
    assert.match(fault?.text ?? "", message);
  });
}

test("JSON has no fault, whatever it contains and however it is written", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value: unknown = JSON.parse(text);
      for (const written of [text, JSON.stringify(value, undefined, "\t")]) assert.equal(jsonFault(written), undefined);
      assert.deepEqual(JSON.parse(formattedJson(text)), value);
      // It writes -0 and large numbers as they were, which `JSON.stringify` does not.
      if (!/[-.e\d]/.test(text)) assert.equal(formattedJson(text), JSON.stringify(value, undefined, 2));
    }),
  );
});

test("a fault is found wherever JSON.parse finds one", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom(...'{ } [ ] , : " \\ 0 1 a \n'.split(" ")), (text, at, sign) => {
      const index = at % (text.length + 1);
      const changed = text.slice(0, index) + sign + text.slice(index);
      let isJson = true;
      try {
        JSON.parse(changed);
      } catch {
        isJson = false;
      }
      assert.equal(jsonFault(changed) === undefined, isJson, changed);
    }),
    { numRuns: 2_000 },
  );
});

test("formatting keeps names, order and numbers", () => {
  assert.equal(
    formattedJson('{"b":12345678901234567890,"a":[],"b":{"c":[1.0,{}]}}'),
    `{
  "b": 12345678901234567890,
  "a": [],
  "b": {
    "c": [
      1.0,
      {}
    ]
  }
}`,
  );
});
