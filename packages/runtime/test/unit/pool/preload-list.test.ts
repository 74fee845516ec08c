import assert from "node:assert/strict";
import { test } from "node:test";
import { PreloadList } from "../../../src/pool/preload-list.ts";

const setup = { functions: { a: "", b: "", c: "" }, preload: ["a", "b"] };

test("functions that were called come first, each once, without functions that no longer exist", () => {
  const list = new PreloadList();
  assert.deepEqual(list.of(setup, []), ["a", "b"]);
  assert.deepEqual(list.of(setup, ["c", "b", "gone"]), ["c", "b", "a"]);
});

test("at most 32 functions are loaded ahead", () => {
  const names = Array.from({ length: 40 }, (_, index) => `f${index}`);
  const functions = Object.fromEntries(names.map((name) => [name, ""]));
  assert.deepEqual(new PreloadList().of({ functions, preload: names }, ["f39"]), ["f39", ...names.slice(0, 31)]);
});

test("a suspect is not loaded ahead, and a failure is reported once, until the code changes", () => {
  const list = new PreloadList();
  list.suspect("a");
  assert.deepEqual(list.of(setup, ["a"]), ["b"]);
  assert.deepEqual([list.isFirstFailure("b"), list.isFirstFailure("b"), list.isFirstFailure("c")], [true, false, true]);
  list.clear();
  assert.deepEqual(list.of(setup, []), ["a", "b"]);
  assert.equal(list.isFirstFailure("b"), true);
});
