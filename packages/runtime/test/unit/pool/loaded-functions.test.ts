import assert from "node:assert/strict";
import { test } from "node:test";
import { LoadedFunctions } from "../../../src/pool/loaded-functions.ts";

test("a function is warm from its second use, or if it was loaded ahead", () => {
  const loaded = new LoadedFunctions();
  loaded.announce("a");
  loaded.settle();
  assert.deepEqual([loaded.use("a"), loaded.use("b"), loaded.use("b")], [true, false, true]);
});

test("a function that failed to load ahead is cold when it is called", () => {
  const loaded = new LoadedFunctions();
  loaded.announce("a");
  loaded.fail("a");
  loaded.settle();
  assert.equal(loaded.use("a"), false);
});

test("the function that was loading is the suspect; after forged messages, every loaded function is", () => {
  const loaded = new LoadedFunctions();
  assert.deepEqual([...loaded.suspects(false)], []);
  loaded.announce("a");
  loaded.announce("b");
  assert.equal(loaded.loading, "b");
  assert.deepEqual([[...loaded.suspects(false)], [...loaded.suspects(true)]], [["b"], ["a", "b"]]);
  loaded.settle();
  assert.deepEqual([[...loaded.suspects(false)], [...loaded.suspects(true)]], [[], []]);
});
