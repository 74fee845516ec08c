import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { ArtefactTooLarge } from "../../src/artefacts/artefact-store.ts";
import { FolderStore } from "../../src/artefacts/folder-store.ts";
import { temporaryFolder } from "../temporary-folder.ts";

async function makeStore(t: TestContext): Promise<{ store: FolderStore; artefacts: string; staging: string }> {
  const folder = await temporaryFolder(t);
  const artefacts = join(folder, "artefacts");
  const staging = join(folder, "staging");
  await mkdir(artefacts);
  await mkdir(staging);
  return { store: new FolderStore(artefacts, staging), artefacts, staging };
}

const chunks = (...texts: string[]): Readable => Readable.from(texts.map((each) => Buffer.from(each)));

test("an artefact is stored once under its hash, read-only", async (t) => {
  const { store, artefacts, staging } = await makeStore(t);
  const sha256 = createHash("sha256").update("hello world").digest("hex");
  assert.equal(await store.has(sha256), false);
  assert.deepEqual(await store.put(chunks("hello ", "world"), 11), { sha256, bytes: 11 });
  assert.deepEqual(await store.put(chunks("hello world"), 11), { sha256, bytes: 11 });
  assert.equal(await text(await store.get(sha256)), "hello world");
  assert.deepEqual(await readdir(join(artefacts, sha256.slice(0, 2))), [sha256]);
  assert.equal((await stat(store.pathOf(sha256))).mode & 0o777, 0o444);
  assert.deepEqual(await readdir(staging), []);
  await store.remove(sha256);
  await store.remove(sha256);
  await assert.rejects(store.get(sha256), { code: "ENOENT" });
});

test("simultaneous writers of the same content do not disturb each other or a reader", async (t) => {
  const { store, staging } = await makeStore(t);
  const content = "x".repeat(100_000);
  const { sha256 } = await store.put(chunks(content), Infinity);
  const reader = await store.get(sha256);
  await Promise.all(Array.from({ length: 8 }, () => store.put(chunks(content), Infinity)));
  assert.equal(await text(reader), content);
  assert.equal(await readFile(store.pathOf(sha256), "utf8"), content);
  assert.deepEqual(await readdir(staging), []);
});

test("content that is too large, or whose stream fails, leaves nothing behind", async (t) => {
  const { store, artefacts, staging } = await makeStore(t);
  await assert.rejects(store.put(chunks("12345", "6"), 5), ArtefactTooLarge);
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("a part");
      throw new Error("The client has gone.");
    })(),
  );
  await assert.rejects(store.put(broken, Infinity), /The client has gone/);
  assert.deepEqual(await readdir(staging), []);
  assert.deepEqual(await readdir(artefacts), []);
});

test("only a hash names an artefact", async (t) => {
  const { store } = await makeStore(t);
  for (const name of ["", "../offhook.db", "A".repeat(64), "a".repeat(63), `${"a".repeat(64)}/..`]) {
    assert.throws(() => store.pathOf(name), RangeError, name);
  }
});
