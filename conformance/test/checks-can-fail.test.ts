import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { allChecks } from "../src/contract.ts";
import { judge } from "../src/runner.ts";
import type { Target } from "../src/targets/target.ts";

// A check that always passes is worthless. This server does everything wrong: it answers every request with 200 and
// `ok`, for every project, even a faulty one.

/** Rows that this server gets right by chance. */
const passesByChance: readonly number[] = [];

test("a server that says ok to everything fails every visible row", async (context) => {
  const server = createServer({ maxHeaderSize: 128 * 1024 }, (request, response) => {
    // Reads the body first. A connection that breaks during the body would count as a refusal, which can be right.
    request.resume();
    request.on("end", () => response.end("ok"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target: Target = {
    name: "ok to everything",
    canStart: true,
    start: (folder) =>
      Promise.resolve({
        started: true,
        instance: { baseUrl, folder, logText: () => "", hasExited: () => false, stop: () => Promise.resolve() },
      }),
  };

  const results = await judge(target, allChecks());
  assert.equal(results.length, allChecks().length);
  const rowsOf = (verdict: string): readonly number[] =>
    results.filter((result) => result.verdict === verdict).map((result) => result.check.row);
  assert.deepEqual(rowsOf("passed"), passesByChance);
  assert.deepEqual(rowsOf("not visible"), [18, 147]);
  for (const { check, verdict, seen } of results) {
    if (verdict === "failed") assert.notEqual(seen, "", `row ${check.row} does not say what was seen`);
  }
});

test("there is one check for each row of the contract that a client can judge", () => {
  const rows = allChecks()
    .map((check) => check.row)
    .toSorted((a, b) => a - b);
  const expected = [...Array.from({ length: 150 }, (_, i) => i + 1), 183, 184, 185, 186, 187, 188, 189, 191];
  assert.deepEqual(rows, expected);
});
