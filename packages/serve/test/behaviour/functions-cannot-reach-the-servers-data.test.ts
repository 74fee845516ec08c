/** On a server of root, functions of one environment reach neither the server's data nor the files of another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deployNew, startHosting } from "../hosting.ts";
import { hasOwnUsers } from "../server-users.ts";

const probe = `
const { readFileSync, readdirSync } = require("fs");
const { join } = require("path");
exports.handler = (context, event, callback) => {
  const tries = {
    user: () => process.getuid(),
    own: () => readFileSync(__filename, "utf8").length > 0,
    database: () => readFileSync(join(event.data, "offhook.db")).length,
    log: () => readFileSync(join(event.data, "offhook.db-wal")).length,
    key: () => readFileSync(join(event.data, "master.key")).length,
    data: () => readdirSync(event.data).length,
    builds: () => readdirSync(join(event.data, "builds")).length,
    artefacts: () => readdirSync(join(event.data, "artefacts")).length,
    token: () => String(context.AUTH_TOKEN ?? process.env.AUTH_TOKEN),
  };
  const results = {};
  for (const [name, run] of Object.entries(tries)) {
    try {
      results[name] = run();
    } catch (error) {
      results[name] = error.code;
    }
  }
  callback(null, results);
};`;

test("a function reads its own files, and nothing of the server or of another environment", async (t) => {
  const hosting = await startHosting(t);
  const path = `/probe?data=${encodeURIComponent(hosting.settings.dataFolder)}`;
  const users = new Set<number>();
  for (const name of ["one", "two"]) {
    const { service, domain } = await deployNew(hosting, name, [{ kind: "Functions", path: "/probe", content: probe }]);
    await hosting.api("POST", `/v1/Services/${service}`, { IncludeCredentials: "false" });
    for (;;) {
      const { text } = await hosting.call(domain, path);
      const { user, token, ...results } = JSON.parse(text) as Record<string, unknown>;
      // The change of the service is served soon.
      if (token !== "undefined") continue;
      users.add(user as number);
      assert.equal(results["own"], true);
      if (!hasOwnUsers) break;
      for (const [what, result] of Object.entries(results)) {
        if (what !== "own") assert.equal(result, "EACCES", what);
      }
      break;
    }
  }
  if (hasOwnUsers) {
    assert.equal(users.size, 2);
    assert.ok(!users.has(0));
  }
});
