import assert from "node:assert/strict";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { Journal } from "../../src/journal/journal.ts";
import { chooseRequest, isWorthRepeating } from "../../src/journal/request-choice.ts";
import { makeExchange } from "./exchange.ts";

test("a replay of the last request skips assets and automatic requests of browsers", async (t) => {
  const journal = await Journal.open(makeProject(t));
  journal.add(makeExchange(1));
  journal.add(makeExchange(2, { resource: "asset", path: "/logo.svg" }));
  journal.add(makeExchange(3, { path: "/favicon.ico", status: 404, isAutomatic: true }));
  await journal.settled();
  assert.equal(chooseRequest(journal, "last").id, makeExchange(3).id);
  assert.equal(chooseRequest(journal, "last", isWorthRepeating).id, makeExchange(1).id);
  assert.equal(chooseRequest(journal, makeExchange(2).id, isWorthRepeating).id, makeExchange(2).id);
});

test("without a request that is worth repeating, there is no last one", async (t) => {
  const journal = await Journal.open(makeProject(t));
  journal.add(makeExchange(1, { resource: "asset" }));
  await journal.settled();
  assert.throws(() => chooseRequest(journal, "last", isWorthRepeating), { code: "request-unknown" });
});
