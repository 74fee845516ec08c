import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import { Tunnel } from "../../packages/cli/src/dev/tunnel/tunnel.ts";
import { servingErrors } from "../../packages/runtime/src/ledger/serving.ts";
import { notices } from "../../packages/runtime/src/observe/channels.ts";
import { startLog } from "../../packages/runtime/src/observe/log.ts";
import { loadProject } from "../../packages/runtime/src/project/project.ts";
import { startHost, tenancyOf } from "../../packages/runtime/test/hosted.ts";
import { serve, until, writeProject } from "../../packages/runtime/test/site.ts";
import { open, startGateway, text } from "../../packages/runtime/test/unit/gateway/gateway-fixture.ts";
import { testEachCode, type Provocation } from "./provocation.ts";

/** Codes of the server's notices from now on. */
function noticedCodes(t: TestContext): unknown[] {
  const codes: unknown[] = [];
  t.after(notices.subscribe(({ code }) => void (code !== undefined && codes.push(code))));
  return codes;
}

/** The code of the error that a promise is rejected with. */
async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: { code?: unknown }) => error.code,
  );
}

/** A tunnel's program. @param script a shell script. */
function tunnelled(words: readonly string[], patienceMs = 60_000): Provocation {
  return async (t) => {
    const codes = noticedCodes(t);
    const url = "http://localhost:3001";
    const tunnel = new Tunnel({
      command: [...words],
      url,
      isSearched: true,
      onAddress: () => undefined,
      addressTimeoutMs: patienceMs,
    });
    t.after(() => tunnel.stop());
    tunnel.start();
    await until("the tunnel has failed", () => codes.length > 0);
    return codes[0];
  };
}

const hello = { "functions/hello.js": "callback(null, 'hello')" };

testEachCode(servingErrors, {
  "host-name-taken": async (t) => {
    const { host } = await startHost(t);
    await host.add(await tenancyOf(t, hello), ["a.example.org"]);
    return await codeOf(host.add(await tenancyOf(t, hello), ["a.example.org"]));
  },
  "service-superseded": async (t) => {
    const { host } = await startHost(t);
    const site = await host.add(await tenancyOf(t, hello), ["a.example.org"]);
    const [second, third] = [await tenancyOf(t, hello), await tenancyOf(t, hello)];
    const superseded = codeOf(host.replace(site, second));
    await host.replace(site, third);
    return await superseded;
  },
  "client-disconnected": async (t) => {
    const site = await serve(t, {
      "functions/f.js": "console.log('runs'); context.signal.addEventListener('abort', () => callback(null, ''));",
    });
    const { socket } = await open(t, site.server.address);
    socket.write("GET /f HTTP/1.1\r\nHost: h\r\n\r\n");
    await until("it runs", () => site.output.length > 0);
    socket.destroy();
    await until("the log knows", () => site.requests.length > 0);
    return site.requests[0]?.code;
  },
  "reply-not-read": async (t) => {
    const codes = noticedCodes(t);
    const answer = () => text("x".repeat(32_000_000));
    const fixture = await startGateway(t, { answer, gateway: { timeouts: { writeMs: 50 } } });
    const { socket } = await open(t, fixture);
    socket.pause();
    socket.write("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    await until("it is cut", () => codes.length > 0);
    return codes[0];
  },
  "too-many-connections": async (t) => {
    const codes = noticedCodes(t);
    const answer = () => new Promise<never>(() => undefined);
    const fixture = await startGateway(t, { answer, gateway: { connectionLimit: 1 } });
    const { socket } = await open(t, fixture);
    socket.write("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
    await until("it runs", () => fixture.invocations.length > 0);
    await (await open(t, fixture)).closed();
    return codes[0];
  },
  "credentials-missing": async (t) => {
    const site = await serve(t, {
      "functions/f.js": "try { context.getTwilioClient(); } catch ({ code }) { callback(null, code); }",
    });
    return (await site.call("/f")).text;
  },
  "context-too-large": async (t) => {
    const folder = await writeProject(t, { ".env": `LONG=${"x".repeat(5_000)}\n`, "functions/f.js": "callback();" });
    return /\((.+), \d+\)/.exec((await loadProject(folder)).warnings.join())?.[1];
  },
  "isolate-user-unavailable": async (t) => {
    const started = serve(t, { "functions/f.js": "callback();" }, { isolateUser: "nobody-of-this-name" });
    return await started.catch((error: { code?: unknown }) => error.code);
  },
  "tunnel-not-started": tunnelled(["/nowhere/tunnel"]),
  "tunnel-without-url": tunnelled(["cat"], 50),
  "tunnel-ended": tunnelled(["true"]),
  "log-lines-lost": async (t) => {
    // Takes the first lines, and the rest only after `proceed()`.
    let proceed: (() => void) | undefined;
    let written = "";
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, callback) {
        written += chunk;
        if (proceed === undefined) proceed = callback;
        else callback();
      },
    });
    t.after(startLog({ format: "json", level: "info", accessLog: false, stream }));
    const publish = (): void => notices.publish({ level: "info", message: "x".repeat(1_000_000) });
    publish();
    await until("the log waits for its reader", () => proceed !== undefined);
    for (let count = 0; count < 10; count++) publish();
    proceed?.();
    await until("the loss is logged", () => written.includes('"code"'));
    return /"code":"([a-z-]+)"/.exec(written)?.[1];
  },
});
