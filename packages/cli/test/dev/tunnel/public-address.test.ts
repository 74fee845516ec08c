import assert from "node:assert/strict";
import { test } from "node:test";

import { tunnelHosts, tunnelOutput, type TunnelKind } from "../../../../../test/tunnel-output.ts";
import { publicAddressIn } from "../../../src/dev/tunnel/public-address.ts";

for (const kind of Object.keys(tunnelOutput) as TunnelKind[]) {
  test(`the public address is found in the output of ${kind}`, () => {
    const lines = tunnelOutput[kind](tunnelHosts[kind], "3000");
    const found = lines.flatMap((line) => publicAddressIn(line)?.origin ?? []);
    assert.deepEqual(found, [`https://${tunnelHosts[kind]}`]);
  });
}

for (const line of [
  "See https://docs.example.com/tunnels for more",
  "https://login.tailscale.com/f/funnel?node=n1",
  "To enable it, visit https://example.com",
  'ERR error="Post \\"https://api.trycloudflare.com/tunnel\\": dial tcp: no such host"',
  "https://127.0.0.1:4040",
  "https://localhost:3000",
  "https://user:secret@a.trycloudflare.com",
  "http://a.trycloudflare.com",
  "ERROR:  https://ngrok.com/docs/errors/err_ngrok_4018",
  // Texts of callers that a tunnel prints.
  "GET /sms?url=https://evil.trycloudflare.com 200",
  "GET /https://evil.trycloudflare.com 404",
  "GET /x&https://evil.ngrok.app",
  "",
  "https://",
]) {
  test(`no address: ${line}`, () => assert.equal(publicAddressIn(line), undefined));
}

test("an address alone on its line is accepted, and marked as a guess", () => {
  assert.deepEqual(publicAddressIn("  https://hooks.example.com/  "), {
    origin: "https://hooks.example.com",
    isCertain: false,
  });
  assert.equal(publicAddressIn("url: https://hooks.example.com:8443")?.isCertain, true);
});
