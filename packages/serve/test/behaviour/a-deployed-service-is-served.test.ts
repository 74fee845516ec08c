/** From an empty server to functions that answer under their own host names, through the API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deployNew, startHosting } from "../hosting.ts";

test("a deployed service answers under its host name, and only there", async (t) => {
  const hosting = await startHosting(t);
  const { domain } = await deployNew(hosting, "hello", [
    {
      kind: "Functions",
      path: "/hello",
      content: "exports.handler = (c, e, cb) => cb(null, 'hello ' + c.DOMAIN_NAME);",
    },
    { kind: "Assets", path: "/a.css", content: "a {}", type: "text/css" },
  ]);
  const hello = await hosting.call(domain, "/hello");
  assert.equal(hello.status, 200);
  assert.equal(hello.text, `hello ${domain}`);
  const asset = await hosting.call(domain, "/a.css");
  assert.equal(asset.text, "a {}");
  assert.match(String(asset.headers["content-type"]), /text\/css/);
  const unknown = await hosting.call("other.functions.example", "/hello");
  assert.equal(unknown.status, 404);
});
