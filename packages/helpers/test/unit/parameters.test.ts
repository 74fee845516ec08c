import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { validateParameters } from "@offhook/helpers";

const path = "/fruit";

/** As JavaScript would call it. */
function validate(parameters: unknown, required: unknown): string {
  return validateParameters(path, parameters as object, required as string[]);
}

test("nothing is missing where everything is there, and where nothing is required", () => {
  assert.equal(validate({ a: "1", b: "2" }, ["a", { key: "b", purpose: "fruit" }]), "");
  assert.equal(validate({}, []), "");
  assert.equal(validate({ more: "than asked for" }, []), "");
});

test("what is missing is named in order, one after the other without anything between", () => {
  assert.equal(
    validate({ b: "2" }, ["a", { key: "b", purpose: "there" }, { key: "c", purpose: "the third" }, "d"]),
    "(/fruit) Missing a(/fruit) Missing c: the third(/fruit) Missing d",
  );
});

test("undefined, null and what has no length are missing, whatever else is there is not", () => {
  for (const value of [undefined, null, "", [], { length: 0 }, () => 0]) {
    assert.equal(validate({ a: value }, ["a"]), "(/fruit) Missing a", inspect(value));
  }
  for (const value of [0, false, Number.NaN, {}, " ", [""], { length: 1 }, Symbol.iterator, 0n]) {
    assert.equal(validate({ a: value }, ["a"]), "", inspect(value));
  }
});

test("a key is a name, not a path, and only the event's own count", () => {
  assert.equal(validate({ a: { b: "1" } }, ["a.b"]), "(/fruit) Missing a.b");
  assert.equal(validate({ "a.b": "1" }, ["a.b"]), "");
  for (const inherited of ["constructor", "toString", "__proto__"]) {
    assert.equal(validate({}, [inherited]), `(/fruit) Missing ${inherited}`);
  }
  assert.equal(validate(Object.create(null), ["a"]), "(/fruit) Missing a");
});

test("a requirement that is none is said so, whatever the event has", () => {
  const text = "Invalid data provided to Parameter Validator function";
  for (const element of [1, null, undefined, true, {}, { key: "a" }, { purpose: "b" }, { key: "", purpose: "b" }]) {
    assert.equal(validate({ a: "1" }, [element]), text);
  }
  assert.equal(validate({}, ["a", 7, "b"]), `(/fruit) Missing a${text}(/fruit) Missing b`);
});

test("strings as objects are strings, and functions with key and purpose are objects", () => {
  assert.equal(validate({}, [new String("a")]), "(/fruit) Missing a");
  assert.equal(validate({}, [Object.assign(() => 0, { key: "a", purpose: "b" })]), "(/fruit) Missing a: b");
});

test("without a list it throws", () => {
  assert.throws(() => validate({}, undefined), TypeError);
});
