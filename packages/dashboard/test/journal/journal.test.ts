/** The journal keeps requests and replies, within limits, across processes. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { Journal, journalFolder } from "../../src/journal/journal.ts";
import { makeExchange } from "./exchange.ts";

const ids = (page: { exchanges: { id: string }[] }): number[] => page.exchanges.map(({ id }) => Number(id.slice(2)));

test("a process reads what an earlier one wrote, the newest first, page by page", async (t) => {
  const project = makeProject(t);
  const first = await Journal.open(project);
  for (let number = 1; number <= 5; number++) first.add(makeExchange(number));
  await first.settled();

  const second = await Journal.open(project);
  const newest = second.page(2);
  assert.deepEqual(ids(newest), [5, 4]);
  const older = second.page(2, newest.before);
  assert.deepEqual(ids(older), [3, 2]);
  const oldest = second.page(2, older.before);
  assert.deepEqual(ids(oldest), [1]);
  assert.equal(oldest.before, undefined);
  assert.deepEqual(ids(second.page(2, "RQnone")), []);
  assert.deepEqual(await second.exchange(makeExchange(3).id), makeExchange(3));
  assert.equal(second.last?.id, makeExchange(5).id);
  assert.equal("request" in (second.last ?? {}), false);
});

test("a journal that has only written knows the earlier exchanges after load()", async (t) => {
  const project = makeProject(t);
  const earlier = await Journal.open(project);
  earlier.add(makeExchange(1));
  earlier.add(makeExchange(2));
  await earlier.settled();
  const later = Journal.begin(project);
  later.add(makeExchange(3));
  later.add(makeExchange(2, { leftovers: "1 timer" }));
  await later.settled();
  assert.deepEqual(ids(later.page(9)), [3, 2]);
  await later.load();
  later.add(makeExchange(4));
  assert.deepEqual(ids(later.page(9)), [4, 3, 2, 1]);
  await later.settled();
  for (const number of [1, 3, 4]) {
    assert.deepEqual(await later.exchange(makeExchange(number).id), makeExchange(number));
  }
  assert.equal((await later.exchange(makeExchange(2).id))?.leftovers, "1 timer");
});

test("an exchange that is added again replaces itself", async (t) => {
  const project = makeProject(t);
  const journal = await Journal.open(project);
  journal.add(makeExchange(1));
  journal.add(makeExchange(2));
  await journal.settled();
  journal.add(makeExchange(1, { leftovers: "1 timer" }));
  assert.equal((await journal.exchange(makeExchange(1).id))?.leftovers, "1 timer");
  await journal.settled();
  const again = await Journal.open(project);
  for (const each of [journal, again]) {
    assert.deepEqual(ids(each.page(9)), [2, 1]);
    assert.equal((await each.exchange(makeExchange(1).id))?.leftovers, "1 timer");
  }
});

test("two processes write at once, and neither damages the other's entries", async (t) => {
  const project = makeProject(t);
  const [one, two] = await Promise.all([Journal.open(project), Journal.open(project)]);
  for (let number = 1; number <= 20; number++) {
    (number % 2 === 0 ? one : two).add(makeExchange(number));
    await Promise.all([one.settled(), two.settled()]);
  }
  for (let number = 1; number <= 20; number++) {
    const exchange = makeExchange(number);
    assert.deepEqual(await (number % 2 === 0 ? one : two).exchange(exchange.id), exchange);
  }
  assert.equal((await Journal.open(project)).page(99).exchanges.length, 20);
});

test("the journal is limited in bytes and in files, and drops the oldest entries", async (t) => {
  const project = makeProject(t);
  const bounds = { fileBytes: 2_000, totalBytes: 8_000, files: 100 };
  const journal = await Journal.open(project, { bounds });
  for (let number = 1; number <= 200; number++) {
    journal.add(makeExchange(number));
    if (number % 3 === 0) await journal.settled();
  }
  await journal.settled();
  const folder = journalFolder(project);
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  assert.ok(bytes < 14_000, `${bytes} bytes`);
  const kept = ids(journal.page(999));
  assert.equal(kept[0], 200);
  assert.ok(kept.length > 3 && kept.length < 40, `${kept.length} kept`);
  assert.equal(await journal.exchange(makeExchange(1).id), undefined);
  assert.deepEqual(await journal.exchange(makeExchange(200).id), makeExchange(200));

  // Each of these processes leaves a small file.
  const few = { fileBytes: 2_000, totalBytes: 1e9, files: 5 };
  for (let number = 300; number < 320; number++) {
    const next = await Journal.open(project, { bounds: few });
    next.add(makeExchange(number));
    await next.settled();
  }
  assert.ok(readdirSync(folder).length <= 5);
});

test("a truncated line and an invalid line do not affect other lines", async (t) => {
  const project = makeProject(t);
  const journal = await Journal.open(project);
  journal.add(makeExchange(1));
  journal.add(makeExchange(2));
  await journal.settled();
  const [name = ""] = readdirSync(journalFolder(project));
  const file = join(journalFolder(project), name);
  appendFileSync(file, 'null\n{"id":7}\nnot json\n');
  appendFileSync(file, `${JSON.stringify(makeExchange(3))}\n${JSON.stringify(makeExchange(4))}\n`);
  truncateSync(file, statSync(file).size - 10);
  writeFileSync(join(journalFolder(project), "notes.txt"), "mine");
  assert.deepEqual(ids((await Journal.open(project)).page(9)), [3, 2, 1]);
});

test("no other user can read the journal, and git ignores it", async (t) => {
  const project = makeProject(t);
  const journal = await Journal.open(project);
  assert.equal(existsSync(join(project, ".offhook")), false);
  journal.add(makeExchange(1));
  await journal.settled();
  assert.equal(readFileSync(join(project, ".offhook", ".gitignore"), "utf8"), "*\n");
  const [name = ""] = readdirSync(journalFolder(project));
  assert.equal(statSync(join(journalFolder(project), name)).mode & 0o077, 0);
  assert.equal(statSync(journalFolder(project)).mode & 0o077, 0);
});

test("a deleted project folder is not created again", async (t) => {
  const project = join(makeProject(t), "gone");
  mkdirSync(project);
  const journal = await Journal.open(project);
  journal.add(makeExchange(1));
  await journal.settled();
  rmSync(project, { recursive: true });
  journal.add(makeExchange(2));
  await journal.settled();
  assert.equal(existsSync(project), false);
  assert.deepEqual(await journal.exchange(makeExchange(2).id), makeExchange(2));
});

test("clearing removes everything, also from the disk", async (t) => {
  const project = makeProject(t);
  const journal = await Journal.open(project);
  journal.add(makeExchange(1));
  await journal.settled();
  journal.add(makeExchange(2));
  journal.clear();
  journal.add(makeExchange(3));
  await journal.settled();
  assert.deepEqual(ids(journal.page(9)), [3]);
  assert.deepEqual(ids((await Journal.open(project)).page(9)), [3]);
});

test("clearing until a time keeps later exchanges, on the disk too", async (t) => {
  const project = makeProject(t);
  const journal = await Journal.open(project);
  for (const number of [1, 2, 3]) journal.add(makeExchange(number));
  await journal.settled();
  for (const number of [4, 5]) journal.add(makeExchange(number));
  journal.clear(makeExchange(2).startedAt);
  journal.add(makeExchange(6));
  await journal.settled();
  for (const each of [journal, await Journal.open(project)]) {
    assert.deepEqual(ids(each.page(9)), [6, 5, 4, 3]);
    assert.deepEqual(await each.exchange(makeExchange(3).id), makeExchange(3));
    assert.equal(await each.exchange(makeExchange(2).id), undefined);
  }
});

test("if the disk accepts no writes, the journal reports one error and continues in memory", async (t) => {
  const project = makeProject(t);
  // Even root cannot create a folder inside a file.
  writeFileSync(join(project, ".offhook"), "");
  const errors: Error[] = [];
  const journal = await Journal.open(project, { onError: (error) => errors.push(error) });
  for (let number = 1; number <= 600; number++) journal.add(makeExchange(number));
  await journal.settled();
  assert.equal(errors.length, 1);
  assert.equal(journal.page(9_999).exchanges.length, 500);
  assert.deepEqual(await journal.exchange(makeExchange(600).id), makeExchange(600));
});

test("entries that another process clears are gone, and later files are readable only for this user", async (t) => {
  const project = makeProject(t);
  const [one, other] = [await Journal.open(project), await Journal.open(project)];
  one.add(makeExchange(1));
  await one.settled();
  other.clear();
  other.add(makeExchange(2));
  await other.settled();
  // The file has the same name, but another entry is at that place.
  assert.equal(await one.exchange(makeExchange(1).id), undefined);
  one.add(makeExchange(3));
  await one.settled();
  other.add(makeExchange(4));
  await other.settled();
  assert.deepEqual(await one.exchange(makeExchange(3).id), makeExchange(3));
  assert.deepEqual(ids((await Journal.open(project)).page(9)), [4, 3, 2]);
  for (const file of readdirSync(journalFolder(project)))
    assert.equal(statSync(join(journalFolder(project), file)).mode & 0o777, 0o600);
});

for (const place of [".offhook", ".offhook/journal"]) {
  test(`if ${place} is a link, nothing is written or removed at its target`, async (t) => {
    const [project, elsewhere] = [makeProject(t), makeProject(t)];
    const before = readdirSync(elsewhere);
    if (place !== ".offhook") mkdirSync(join(project, ".offhook"));
    symlinkSync(elsewhere, join(project, place));
    const errors: Error[] = [];
    const journal = await Journal.open(project, { onError: (error) => errors.push(error) });
    journal.add(makeExchange(1));
    await journal.settled();
    assert.deepEqual(ids(journal.page(9)), [1]);
    journal.clear();
    await journal.settled();
    assert.deepEqual(readdirSync(elsewhere), before);
    assert.match(errors[0]?.message ?? "", /is not a folder/);
  });
}

test("linked files and incomplete lines are ignored", async (t) => {
  const project = makeProject(t);
  const folder = journalFolder(project);
  mkdirSync(folder, { recursive: true });
  symlinkSync("/dev/zero", join(folder, "000001.ndjson"));
  const odd = ['{"id":"RQ1","request":{}}', '{"id":"RQ2","request":{"target":1}}', "[]", "1", '"x"'];
  writeFileSync(join(folder, "000002.ndjson"), `${odd.join("\n")}\n${JSON.stringify(makeExchange(3))}\n`);
  assert.deepEqual(ids((await Journal.open(project)).page(9)), [3]);
});
