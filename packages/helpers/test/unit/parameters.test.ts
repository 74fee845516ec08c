import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { validateParameters } from "@offhook/helpers";

const path = "/fruit";

/** Called without types, as from JavaScript. */
function validate(parameters: unknown, required: unknown): string {
  return validateParameters(path, parameters as object, required as string[]);
}

test("nothing is missing if all parameters are there or none is required", () => {
  assert.equal(validate({ a: "1", b: "2" }, ["a", { key: "b", purpose: "fruit" }]), "");
  assert.equal(validate({}, []), "");
  assert.equal(validate({ more: "than asked for" }, []), "");
});

test("missing parameters are named in order, without a separator", () => {
  assert.equal(
    validate({ b: "2" }, ["a", { key: "b", purpose: "there" }, { key: "c", purpose: "the third" }, "d"]),
    "(/fruit) Missing a(/fruit) Missing c: the third(/fruit) Missing d",
  );
});

test("undefined, null and empty values are missing, and no others", () => {
  for (const value of [undefined, null, "", [], { length: 0 }, () => 0]) {
    assert.equal(validate({ a: value }, ["a"]), "(/fruit) Missing a", inspect(value));
  }
  for (const value of [0, false, Number.NaN, {}, " ", [""], { length: 1 }, Symbol.iterator, 0n]) {
    assert.equal(validate({ a: value }, ["a"]), "", inspect(value));
  }
});

test("a key is a name, not a path, and inherited properties do not count", () => {
  assert.equal(validate({ a: { b: "1" } }, ["a.b"]), "(/fruit) Missing a.b");
  assert.equal(validate({ "a.b": "1" }, ["a.b"]), "");
  for (const inherited of ["constructor", "toString", "__proto__"]) {
    assert.equal(validate({}, [inherited]), `(/fruit) Missing ${inherited}`);
  }
  assert.equal(validate(Object.create(null), ["a"]), "(/fruit) Missing a");
});

test("an invalid requirement is reported, for any event", () => {
  const text = "Invalid data provided to Parameter Validator function";
  for (const element of [1, null, undefined, true, {}, { key: "a" }, { purpose: "b" }, { key: "", purpose: "b" }]) {
    assert.equal(validate({ a: "1" }, [element]), text);
  }
  assert.equal(validate({}, ["a", 7, "b"]), `(/fruit) Missing a${text}(/fruit) Missing b`);
});

test("String objects count as strings, and functions with key and purpose as objects", () => {
  assert.equal(validate({}, [new String("a")]), "(/fruit) Missing a");
  assert.equal(validate({}, [Object.assign(() => 0, { key: "a", purpose: "b" })]), "(/fruit) Missing a: b");
});

test("without a list, validateParameters throws", () => {
  assert.throws(() => validate({}, undefined), TypeError);
});
