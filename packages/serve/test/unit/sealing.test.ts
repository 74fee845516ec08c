import assert from "node:assert/strict";
import { test } from "node:test";
import { MasterKey } from "../../src/secrets/sealing.ts";

const key = new MasterKey(MasterKey.generate());

test("a sealed value opens with its key, for its place and its purpose", () => {
  for (const value of ["", "secret", "ünïcode 🔑", "x".repeat(10_000)]) {
    const sealed = key.seal("variable", ["ZE1", "ZV1"], value);
    assert.ok(value === "" || !sealed.includes(value));
    assert.notEqual(sealed, key.seal("variable", ["ZE1", "ZV1"], value));
    assert.equal(key.open("variable", ["ZE1", "ZV1"], sealed), value);
  }
});

test("a value that was copied to another row, changed or sealed with another key does not open", () => {
  const sealed = key.seal("variable", ["ZE1", "ZV1"], "secret");
  assert.throws(() => key.open("variable", ["ZE1", "ZV2"], sealed));
  assert.throws(() => key.open("variable", ["ZE1ZV1"], sealed));
  assert.throws(() => key.open("auth-token", ["ZE1", "ZV1"], sealed));
  assert.throws(() => key.open("variable", ["ZE1", "ZV1"], `${sealed.slice(0, -8)}AAAAAAA=`));
  assert.throws(() => key.open("variable", ["ZE1", "ZV1"], ""));
  const other = new MasterKey(MasterKey.generate());
  assert.throws(() => other.open("variable", ["ZE1", "ZV1"], sealed), new RegExp(`master key ${key.id}`));
});

test("a master key has 32 bytes", () => {
  assert.throws(() => new MasterKey(Buffer.alloc(31)), RangeError);
});

test("only the same key makes the same fingerprint", () => {
  assert.equal(key.fingerprint("token"), key.fingerprint("token"));
  assert.notEqual(key.fingerprint("token"), new MasterKey(MasterKey.generate()).fingerprint("token"));
});
