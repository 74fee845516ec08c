import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import type { Service } from "@offhook/runtime/service";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { freePort } from "../../../../conformance/src/targets/free-port.ts";
import { DashboardHost } from "../../src/server/dashboard-host.ts";

/** Repeats the request in each turn of the loop until the port is open. @returns the status line */
async function firstAnswer(port: number): Promise<string> {
  for (;;) {
    const socket = connect(port, "127.0.0.1").setEncoding("utf8");
    try {
      await once(socket, "connect");
    } catch {
      continue;
    }
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    const [text] = (await once(socket, "data")) as [string];
    socket.destroy();
    return text.split("\r\n")[0] ?? "";
  }
}

test("a request at the moment when the dashboard starts to listen is answered", { timeout: 60_000 }, async (t) => {
  const port = await freePort();
  const service = { folder: makeProject(t), functions: [], assets: [], variables: {} } as unknown as Service;
  const host = DashboardHost.open(service, { publicUrl: undefined, version: "1.2.3" });
  const answer = firstAnswer(port);
  await host.listen({ url: "http://localhost:1", address: { host: "127.0.0.1", port: 1 } }, port);
  t.after(() => host.stop());
  assert.equal(await answer, "HTTP/1.1 403 Forbidden");
});
