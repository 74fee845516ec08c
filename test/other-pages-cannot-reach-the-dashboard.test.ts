/**
 * Attacks on the dashboard of a real `offhook dev`, in a real browser with access to it. The attackers are pages that
 * functions return, on the host of their printed URL and on the dashboard's own host, whose cookies they share.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import type { Browser, BrowserContext, Page } from "playwright-core";

import { launchBrowser } from "../packages/dashboard/test/browser.ts";
import { startOffhook, type OffhookProcess } from "./offhook-process.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";

const files = {
  "functions/page.js": `exports.handler = (context, event, callback) => {
    const response = new Twilio.Response();
    response.appendHeader("Content-Type", "text/html");
    if (event.coop) response.appendHeader("Cross-Origin-Opener-Policy", event.coop);
    if (event.cookie) response.appendHeader("Set-Cookie", event.cookie);
    response.setBody("<title>of a function</title><body></body>");
    callback(null, response);
  };`,
  "functions/headers.js": "exports.handler = (context, event, callback) => callback(null, event.request.headers);",
  "assets/worker.js": `self.addEventListener("install", () => self.skipWaiting());
    self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
    self.addEventListener("fetch", (event) => event.respondWith(new Response("of the worker")));`,
};

let browser: Browser;
let project: TemporaryProject;
let offhook: OffhookProcess;
let context: BrowserContext;
let dashboard: Page;
let origin: string;
before(async () => {
  [browser, project] = await Promise.all([launchBrowser(), copyProject(undefined, files)]);
  offhook = await startOffhook(project.folder, { verb: "dev" });
  origin = new URL(offhook.dashboard ?? "").origin;
  context = await browser.newContext();
  dashboard = await context.newPage();
  await dashboard.goto(offhook.dashboard ?? "");
  await live(dashboard);
});
after(async () => {
  await browser.close();
  await offhook.stop();
  await project[Symbol.asyncDispose]();
});

async function live(page: Page): Promise<void> {
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
}

/** The two hosts that serve the functions. */
const hosts = ["localhost", "127.0.0.1"] as const;

async function onFunctionsPage(host: string, query: string, work: (page: Page) => Promise<void>): Promise<void> {
  const page = await context.newPage();
  try {
    await page.goto(`http://${host}:${new URL(offhook.url).port}/page${query}`);
    assert.equal(await page.title(), "of a function");
    await work(page);
  } finally {
    await page.close();
  }
}

for (const host of hosts) {
  for (const coop of ["", "same-origin", "same-origin-allow-popups", "unsafe-none"]) {
    test(`a page at ${host} with the opener policy "${coop}" cannot read what it opens`, async () => {
      await onFunctionsPage(host, coop === "" ? "" : `?coop=${coop}`, async (page) => {
        const opening = context.waitForEvent("page");
        await page.evaluate(`globalThis.opened = window.open(${JSON.stringify(`${origin}/`)}); undefined`);
        const opened = await opening;
        await opened.waitForLoadState();
        // A page of the same host opens it, not the user.
        await opened.getByText("Another page tried to open the dashboard.").waitFor();
        assert.match(
          await page.evaluate<string>(
            "(() => { try { return opened.closed ? 'severed' : opened.document.body.innerText; } catch { return 'refused'; } })()",
          ),
          /^(?:severed|refused)$/,
        );
        await opened.close();
      });
    });
  }

  test(`a script at ${host} gets no answer`, async () => {
    await onFunctionsPage(host, "", async (page) => {
      const found = await page.evaluate<Record<string, string>>(`(async () => {
        const origin = ${JSON.stringify(origin)};
        const found = {};
        const note = async (name, work) => { try { found[name] = String(await work()); } catch (error) { found[name] = "refused"; } };
        for (const path of ["/", "/api/project", "/api/session", "/api/exchanges", "/page/main.tsx"]) {
          await note("read " + path, async () => (await fetch(origin + path, { credentials: "include" })).text());
          await note("blind " + path, async () => (await fetch(origin + path, { mode: "no-cors", credentials: "include" })).type);
        }
        await note("post", async () => (await fetch(origin + "/api/clear", { method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body: "{}" })).text());
        await note("blind post", async () => (await fetch(origin + "/api/clear", { method: "POST", mode: "no-cors", credentials: "include", body: "{}" })).type);
        await note("stream", () => new Promise((resolve, reject) => {
          const source = new EventSource(origin + "/api/stream", { withCredentials: true });
          source.onopen = () => resolve("open"); source.onerror = () => { source.close(); reject(new Error("refused")); };
        }));
        await note("socket", () => new Promise((resolve, reject) => {
          const socket = new WebSocket(origin.replace("http", "ws") + "/api/stream");
          socket.onopen = () => resolve("open"); socket.onerror = () => reject(new Error("refused"));
        }));
        await note("script", () => new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = origin + "/page/main.tsx"; script.onload = () => resolve("loaded"); script.onerror = () => reject(new Error("refused"));
          document.body.append(script);
        }));
        await note("style", () => new Promise((resolve, reject) => {
          const link = document.createElement("link");
          link.rel = "stylesheet"; link.href = origin + "/page/style.css"; link.onload = () => resolve("loaded"); link.onerror = () => reject(new Error("refused"));
          document.head.append(link);
        }));
        await note("foreign worker", () => navigator.serviceWorker.register(origin + "/page/main.tsx"));
        return found;
      })()`);
      // An opaque answer reveals nothing, and the resource policy blocks most of them.
      for (const [name, answer] of Object.entries(found))
        assert.match(answer, /^(?:refused|opaque)$/, `${name}: ${answer}`);
      const frame = await page.evaluate<string>(`new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.onload = () => { try { resolve(frame.contentDocument === null ? "out of reach" : frame.contentDocument.body.innerText); } catch { resolve("out of reach"); } };
        frame.src = ${JSON.stringify(`${origin}/`)};
        document.body.append(frame);
      })`);
      assert.equal(frame, "out of reach");
    });
  });

  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    test(`a form of ${type} at ${host} is refused`, async () => {
      await onFunctionsPage(host, "", async (page) => {
        const target = `${origin}/api/send`;
        const [response] = await Promise.all([
          page.waitForResponse((each) => each.url() === target),
          page.evaluate(`(() => {
            const form = document.createElement("form");
            Object.assign(form, { method: "POST", action: ${JSON.stringify(target)}, enctype: ${JSON.stringify(type)} });
            const input = document.createElement("input");
            input.name = '{"target":"/attacked","method":"GET","isSigned":true,"x":"';
            input.value = '"}';
            form.append(input);
            document.body.append(form);
            form.submit();
          })()`),
        ]);
        assert.equal(response.status(), 403);
      });
      assert.equal(await dashboard.getByText("/attacked").count(), 0);
    });
  }

  test(`a service worker at ${host} cannot intercept requests`, async () => {
    await onFunctionsPage(host, "", async (page) => {
      await page.evaluate(
        `(async () => { await navigator.serviceWorker.register("/worker.js"); await navigator.serviceWorker.ready; })()`,
      );
      await page.reload();
      assert.equal(await page.evaluate("document.body.innerText"), "of the worker");
    });
    await dashboard.reload();
    await live(dashboard);
    assert.equal(await dashboard.evaluate("navigator.serviceWorker.controller"), null);
    await onWorkersPage(host);
  });
}

/** Other tests need the functions' pages. */
async function onWorkersPage(host: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`http://${host}:${new URL(offhook.url).port}/page`);
  await page.evaluate(
    `navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((each) => each.unregister())))`,
  );
  await page.close();
}

test("the cookie that functions receive on the same host gives no access", async () => {
  let received: IncomingHttpHeaders = {};
  await onFunctionsPage("127.0.0.1", "", async (page) => {
    received = await page.evaluate<IncomingHttpHeaders>(`fetch("/headers").then((response) => response.json())`);
    assert.equal(await page.evaluate("document.cookie"), "");
  });
  const { cookie = "" } = received;
  assert.match(cookie, /^offhook-dashboard-\d+=/);
  const forged = { cookie, origin, "sec-fetch-site": "same-origin", "sec-fetch-dest": "document" };
  assert.doesNotMatch(await (await fetch(`${origin}/`, { headers: forged })).text(), /offhook-token" content="[^"]/);
  for (const path of ["project", "session", "exchanges", "stream", "stream?token=", "har"])
    assert.equal((await fetch(`${origin}/api/${path}`, { headers: forged })).status, 403, path);
  const post = { method: "POST", headers: { ...forged, "content-type": "application/json" }, body: "{}" };
  for (const path of ["send", "clear", "open", "resume"])
    assert.notEqual(Math.trunc((await fetch(`${origin}/api/${path}`, post)).status / 100), 2, path);
  await onFunctionsPage("localhost", "", async (page) => {
    const elsewhere = await page.evaluate<IncomingHttpHeaders>(`fetch("/headers").then((response) => response.json())`);
    assert.equal(elsewhere["cookie"], undefined);
  });
});

test("a cookie that a function sets gives no access, and one beside ours does not take access away", async () => {
  const name = `offhook-dashboard-${new URL(origin).port}`;
  const visitor = await browser.newContext();
  try {
    const page = await visitor.newPage();
    const functions = `http://127.0.0.1:${new URL(offhook.url).port}/page`;
    await page.goto(`${functions}?cookie=${encodeURIComponent(`${name}=made-up; Path=/`)}`);
    await page.goto(`${origin}/`);
    await page.getByText("This browser does not have access to the dashboard yet.").waitFor();
  } finally {
    await visitor.close();
  }
  await onFunctionsPage(
    "127.0.0.1",
    `?cookie=${encodeURIComponent(`${name}=made-up; Path=/api`)}`,
    async () => undefined,
  );
  await dashboard.reload();
  await live(dashboard);
});

test("a foreign host name that resolves to this machine does not reach the dashboard", async () => {
  const { port } = new URL(origin);
  for (const host of [`rebound.example:${port}`, `localhost:${port}`, `127.0.0.1.nip.io:${port}`]) {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      void import("node:http").then(({ get }) =>
        get({ host: "127.0.0.1", port, path: "/", headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject),
      );
    });
    assert.equal(status, 421, host);
  }
});

test("secrets that a tab sends to another program on its port are worthless after a restart", async () => {
  await using other = await copyProject(undefined, files);
  const first = await startOffhook(other.folder, { verb: "dev" });
  const { port } = new URL(first.dashboard ?? "");
  const visitor = await browser.newContext();
  try {
    const page = await visitor.newPage();
    await page.goto(first.dashboard ?? "");
    await live(page);
    await first.stop();
    const received: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
    const squatter = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        received.push({ url: request.url ?? "", headers: request.headers, body });
        const refusal = { error: { code: "token-invalid", message: "" }, challenge: "of the squatter" };
        response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify(refusal));
      });
    });
    await once(squatter.listen(Number(port), "127.0.0.1"), "listening");
    assert.equal((squatter.address() as AddressInfo).port, Number(port));
    await page.getByText("This tab has no access.").waitFor();
    squatter.close();
    squatter.closeAllConnections();
    assert.ok(received.some(({ url }) => url === "/api/resume"));
    assert.ok(received.some(({ headers }) => headers["x-offhook-token"] !== undefined && headers.cookie !== undefined));

    const flags = ["--port", new URL(first.url).port, "--dashboard-port", port];
    await using second = await startOffhook(other.folder, { verb: "dev", flags });
    const at = new URL(second.dashboard ?? "").origin;
    for (const { url, headers, body } of received) {
      const sent = {
        cookie: headers.cookie ?? "",
        "x-offhook-token": String(headers["x-offhook-token"] ?? ""),
        "content-type": "application/json",
      };
      const init = body === "" ? { headers: sent } : { method: "POST", headers: sent, body };
      assert.equal((await fetch(at + url, init)).status, 403, url);
    }
    // The tab itself keeps working.
    await live(page);
  } finally {
    await visitor.close();
    await first.stop();
  }
});
