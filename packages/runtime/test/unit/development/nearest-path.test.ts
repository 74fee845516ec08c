import assert from "node:assert/strict";
import { test } from "node:test";
import { hintOfMissingPath, nearestPath } from "../../../src/development/nearest-path.ts";
import type { FunctionResource, Service } from "../../../src/service.ts";

type Functions = Service["functions"];

function resources(...paths: readonly (readonly [string, FunctionResource["visibility"]])[]) {
  return { functions: paths.map(([path, visibility]) => ({ path, visibility })) as unknown as Functions, assets: [] };
}
const project = resources(["/sms", "protected"], ["/voice/menu", "public"], ["/lib/price", "private"]);

test("a path with too much, another case or a typing error has a nearest path", () => {
  const sms = ["/smss", "/SMS", "/sms/", "/sms.js", "/sms.protected", "/sms.protected.js", "/functions/sms"];
  for (const path of [...sms, "/functions/sms.protected.js"]) assert.equal(nearestPath(path, project), "/sms", path);
  for (const path of ["/voice/Menu", "/functions/voice/menu.js", "/voice/menus"]) {
    assert.equal(nearestPath(path, project), "/voice/menu", path);
  }
});

test("a path that resembles none, is private, or is very long has no nearest path", () => {
  for (const path of ["/", "/nothing", "/functions", "/lib/price", `/${"s".repeat(10_000)}`]) {
    assert.equal(nearestPath(path, project), undefined, path.slice(0, 20));
  }
});

test("the hint names the nearest path, or says that the function is private", () => {
  assert.equal(hintOfMissingPath("/smss", project), "Did you mean /sms? Paths are exact and case-sensitive.");
  assert.match(hintOfMissingPath("/lib/price", project) ?? "", /^\/lib\/price is a private function.*getFunctions/);
  assert.equal(hintOfMissingPath("/nothing", project), undefined);
});
