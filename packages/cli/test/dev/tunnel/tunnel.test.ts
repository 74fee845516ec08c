import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { notices } from "@offhook/runtime/observe";
import type { Notice } from "@offhook/runtime/observe";

import { makeProject } from "../../../../runtime/test/unit/project/temp-project.ts";
import { Tunnel, type TunnelOptions } from "../../../src/dev/tunnel/tunnel.ts";

interface Watched {
  readonly tunnel: Tunnel;
  readonly addresses: string[];
  readonly notices: Notice[];
  until(what: string, condition: () => boolean): Promise<void>;
}

/** @param script a shell script that stands for the tunnel */
function watched(t: TestContext, script: string, options: Partial<TunnelOptions> = {}): Watched {
  const addresses: string[] = [];
  const heard: Notice[] = [];
  t.after(notices.subscribe((notice) => void heard.push(notice)));
  const tunnel = new Tunnel({
    command: ["sh", "-c", script],
    url: "http://[::1]:3001",
    isSearched: true,
    onAddress: (address) => void addresses.push(address),
    ...options,
  });
  t.after(() => tunnel.stop());
  const until = async (what: string, condition: () => boolean): Promise<void> => {
    const end = performance.now() + 20_000;
    while (!condition()) {
      assert.ok(performance.now() < end, `in vain until ${what}: ${JSON.stringify(heard)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { tunnel, addresses, notices: heard, until };
}

const noticesOf = ({ notices: heard }: Watched, code: string): Notice[] => heard.filter((each) => each.code === code);

test("the placeholders are filled in, without a shell", async (t) => {
  const each = watched(t, "", { command: ["printf", "%s\\n", "{url}", "{host}", "{port}", "{x}", "$HOME;{port}"] });
  each.tunnel.start();
  await each.until("it has ended", () => noticesOf(each, "tunnel-ended").length === 1);
  const debugMessages = each.notices.filter(({ level }) => level === "debug").map(({ message }) => message);
  assert.deepEqual(
    debugMessages,
    ["http://[::1]:3001", "[::1]", "3001", "{x}", "$HOME;3001"].map((word) => `tunnel: ${word}`),
  );
});

test("a tunnel without an address is reported, and a later address is still accepted", async (t) => {
  const folder = makeProject(t);
  const script = `echo waiting; until [ -e '${folder}/go' ]; do sleep 0.02; done; echo url is https://late.example.com; cat`;
  const each = watched(t, script, { addressTimeoutMs: 50 });
  each.tunnel.start();
  await each.until("the missing address is reported", () => noticesOf(each, "tunnel-without-url").length === 1);
  const [warning] = noticesOf(each, "tunnel-without-url");
  assert.match(warning?.message ?? "", /^sh printed no public URL within 0 s/);
  assert.equal(warning?.level, "warn");
  assert.deepEqual(each.addresses, []);
  writeFileSync(join(folder, "go"), "");
  await each.until("the address comes", () => each.addresses.length > 0);
  assert.deepEqual(each.addresses, ["https://late.example.com"]);
});

test("a tunnel that exits with 0 is not started again", async (t) => {
  const each = watched(t, "echo https://a.ts.net/; exit 0");
  each.tunnel.start();
  await each.until("it has ended", () => noticesOf(each, "tunnel-ended").length === 1);
  assert.deepEqual(each.addresses, ["https://a.ts.net"]);
  assert.equal(noticesOf(each, "tunnel-ended")[0]?.level, "info");
  assert.doesNotMatch(noticesOf(each, "tunnel-ended")[0]?.message ?? "", /started again/);
});

test("a tunnel that keeps failing is given up, and a restart tries again", async (t) => {
  const each = watched(t, "exit 7", { isSearched: false, retryDelayMs: 1 });
  each.tunnel.start();
  await each.until("it is given up", () => noticesOf(each, "tunnel-ended").some(({ level }) => level === "error"));
  assert.equal(noticesOf(each, "tunnel-ended").length, 6);
  each.tunnel.start();
  await each.until("it has ended once more", () => noticesOf(each, "tunnel-ended").length === 7);
});

test("a tunnel that ignores SIGTERM is killed", async (t) => {
  const each = watched(t, "trap '' TERM; echo https://a.loca.lt; while :; do sleep 1; done");
  each.tunnel.start();
  await each.until("it runs", () => each.addresses.length === 1);
  await each.tunnel.stop();
  assert.deepEqual(noticesOf(each, "tunnel-ended"), []);
});

test("a child that keeps the tunnel's pipes open does not delay stop()", async (t) => {
  const folder = makeProject(t);
  const waits = `setsid sh -c 'while [ -d "${folder}" ]; do sleep 0.05; done' & echo https://x.example.com`;
  for (const script of [waits, `${waits}; sleep 60`]) {
    const each = watched(t, script);
    each.tunnel.start();
    await each.until("it has a URL", () => each.addresses.length === 1);
    let isGone = false;
    void each.tunnel.stop().then(() => (isGone = true));
    await each.until("it is gone", () => isGone);
  }
});

test("a very long line is cut, and control sequences are left out", async (t) => {
  const each = watched(t, "printf '\\033[31mred\\033[0m\\n'; head -c 100000 /dev/zero | tr '\\0' x; echo");
  each.tunnel.start();
  await each.until("it has ended", () => noticesOf(each, "tunnel-ended").length === 1);
  const debugMessages = each.notices.filter(({ level }) => level === "debug").map(({ message }) => message);
  assert.equal(debugMessages[0], "tunnel: red");
  assert.ok((debugMessages[1] ?? "").length < 3_000);
});
