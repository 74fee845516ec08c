/**
 * The pages that `offhook dev` shows in the author's browser: the list at `/`, 404, 403 and failures. A real server, in a
 * real browser.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test, type TestContext } from "node:test";

import axe from "axe-core";
import type { Browser, Page } from "playwright-core";

import { launchBrowser } from "../packages/dashboard/test/browser.ts";
import { until } from "../packages/runtime/test/site.ts";
import { startOffhook, type OffhookProcess } from "./offhook-process.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";

const throws = `exports.handler = (context, event, callback) => {
  callback(null, event.items.length);
};`;
const files = {
  ".env": "AUTH_TOKEN=0123456789abcdef0123456789abcdef\n",
  "functions/greeting.js": 'exports.handler = (context, event, callback) => callback(null, "Hello!");',
  "functions/order.js": throws,
  "functions/broken.js": "exports.handler = (context, event, callback => {",
  "functions/long.js": `exports.handler = () => { throw new Error("x"); }; // ${"long ".repeat(60)}`,
  "functions/sms.protected.js": 'exports.handler = (context, event, callback) => callback(null, "Hello!");',
  "assets/form.html": '<form method="post" action="/order"><button>Order</button></form>',
};

/** Stands in for a program that the pages start. It writes its arguments into a file. */
const recorder = `#!/bin/sh\nprintf '%s' "$*" > "$0.opened"\n`;
/** Stands in for the list of processes, in which the editor is found. */
const processes = "#!/bin/sh\necho code\n";

let browser: Browser;
let project: TemporaryProject;
let offhook: OffhookProcess;
let programs: string;
before(async () => {
  programs = await mkdtemp(join(tmpdir(), "offhook-programs-"));
  for (const [name, text] of Object.entries({ "xdg-open": recorder, code: recorder, ps: processes })) {
    await writeFile(join(programs, name), text, { mode: 0o755 });
  }
  process.env["PATH"] = `${programs}${delimiter}${process.env["PATH"]}`;
  [browser, project] = await Promise.all([launchBrowser(), copyProject(undefined, files)]);
  offhook = await startOffhook(project.folder, { verb: "dev" });
});
after(async () => {
  await browser.close();
  await offhook.stop();
  await project[Symbol.asyncDispose]();
  await rm(programs, { recursive: true });
});

/** Any complaint of the browser fails the test, except the statuses that these pages have. */
async function openTab(t: TestContext, expected = /^$/): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const isStatus = /^Failed to load resource: .*(?:status of|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE)/.test(
      message.text(),
    );
    if (["error", "warning"].includes(message.type()) && !isStatus && !expected.test(message.text()))
      complaints.push(message.text());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  return page;
}

function requestsFor(path: string, method = "GET"): number {
  return offhook.log.filter((line) => line["path"] === path && line["method"] === method).length;
}

test("/ leads to the functions, and a mistyped path to the right one", async (t) => {
  const page = await openTab(t);
  const reply = await page.goto(`${offhook.url}/`);
  assert.equal(reply?.status(), 404);
  await page.getByRole("link", { name: "/greeting" }).click();
  await page.getByText("Hello!").waitFor();
  await page.goto(`${offhook.url}/greting`);
  await page.getByText("Did you mean").getByRole("link", { name: "/greeting" }).click();
  await page.getByText("Hello!").waitFor();
});

test("a failure's page reloads when the fix is saved, and so does the list when a function is added", async (t) => {
  const page = await openTab(t);
  await page.goto(`${offhook.url}/order`);
  await page
    .getByRole("heading", { name: "TypeError: Cannot read properties of undefined (reading 'length')" })
    .waitFor();
  await project.write("functions/order.js", "exports.handler = (context, event, callback => {");
  await page.getByRole("heading", { name: /^SyntaxError: / }).waitFor();
  await project.write("functions/order.js", throws.replace("event.items.length", '"Fixed."'));
  await page.getByText("Fixed.").waitFor();
  await page.goto(`${offhook.url}/`);
  await page.getByRole("link", { name: "/greeting" }).waitFor();
  await project.write("functions/added.js", files["functions/greeting.js"]);
  await page.getByRole("link", { name: "/added" }).waitFor();
  await project.write("functions/order.js", throws);
});

test("a form that was sent is not sent again", async (t) => {
  const page = await openTab(t);
  await page.goto(`${offhook.url}/form.html`);
  await until("the function throws again", async () => (await fetch(`${offhook.url}/order`)).status === 500);
  await page.getByRole("button", { name: "Order" }).click();
  await page.getByRole("heading", { name: /^TypeError: / }).waitFor();
  await page.getByText("A form was sent").waitFor();
  await project.write("functions/order.js", throws.replace("event.items.length", '"Fixed."'));
  await page.getByText("The project has changed.").waitFor();
  await page.getByRole("link", { name: "Replay it in the dashboard" }).waitFor();
  await page.getByRole("heading", { name: /^TypeError: / }).waitFor();
  await until("the request is in the log", () => requestsFor("/order", "POST") > 0);
  assert.equal(requestsFor("/order", "POST"), 1);
});

/** The arguments with which a program was started. */
async function startedWith(program: string): Promise<string> {
  let found = "";
  await until(`${program} is started`, async () => {
    found = await readFile(join(programs, `${program}.opened`), "utf8").catch(() => "");
    return found !== "";
  });
  return found;
}

test("a failure's page opens the editor at the failing line", async (t) => {
  const page = await openTab(t);
  await project.write("functions/order.js", throws);
  await until("the function throws", async () => (await fetch(`${offhook.url}/order`)).status === 500);
  await page.goto(`${offhook.url}/order`);
  await page.getByRole("button", { name: "Open in your editor" }).click();
  await page.getByRole("status").filter({ hasText: "Opened in your editor." }).waitFor();
  assert.match(await startedWith("code"), /functions\/order\.js:2\b/);
});

test("a page opens its request and a signed webhook in the dashboard", async (t) => {
  const page = await openTab(t);
  const follow = async (name: string): Promise<void> => {
    await rm(join(programs, "xdg-open.opened"), { force: true });
    await page.getByRole("link", { name }).click();
    await page.getByRole("status").filter({ hasText: "Opened in a new tab." }).waitFor();
    const link = await startedWith("xdg-open");
    assert.equal(new URL(link).origin, new URL(offhook.dashboard ?? "").origin);
    await page.goto(link);
  };
  await page.goto(`${offhook.url}/sms`);
  await page.getByRole("heading", { name: "/sms is a protected function" }).waitFor();
  await follow("Request in the dashboard");
  await page.getByRole("article").getByText("signature-invalid").first().waitFor();
  await page.goto(`${offhook.url}/sms`);
  await follow("Send it signed");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("Hello!").first().waitFor();
});

test("a page of another origin opens nothing", async (t) => {
  const page = await openTab(t, /blocked by CORS policy|ERR_FAILED/);
  await page.goto(`http://127.0.0.1:${new URL(offhook.url).port}/greeting`);
  const found = await page.evaluate<string[]>(`(async () => {
    const attempts = [
      { method: "POST", headers: { "x-offhook-page": "1" } },
      { method: "POST", mode: "no-cors" },
    ];
    const open = (init) => fetch(${JSON.stringify(`${offhook.url}/_offhook/open?hash=%23%2Frequests`)}, init);
    return Promise.all(attempts.map((init) => open(init).then(({ type }) => type, () => "refused")));
  })()`);
  assert.deepEqual(found, ["refused", "opaque"]);
  const statuses = (): unknown[] =>
    offhook.log.filter((line) => line["path"] === "/_offhook/open").map((line) => line["status"]);
  await until("both requests are in the log", () => statuses().length === 2);
  assert.deepEqual(statuses(), [404, 404]);
});

const audit = `axe.run(document, {
  preload: false,
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 160))))`;

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`the pages are accessible and fit the screen: ${colorScheme}, ${width} pixels`, async () => {
      // axe adds a style element, which the pages forbid.
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 844 }, bypassCSP: true });
      try {
        const page = await context.newPage();
        for (const path of ["/", "/greting", "/sms", "/long", "/broken"]) {
          await page.goto(offhook.url + path);
          await page.evaluate(axe.source);
          await page.evaluate(`document.querySelectorAll("details").forEach((each) => (each.open = true))`);
          assert.deepEqual(await page.evaluate<string[]>(audit), [], path);
          assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width, path);
        }
      } finally {
        await context.close();
      }
    });
  }
}

test("the source and the request can be scrolled by keyboard", async (t) => {
  const page = await openTab(t);
  await project.write(
    "functions/long.js",
    `exports.handler = () => { throw new Error("x"); }; // ${"long ".repeat(60)}`,
  );
  await until("the function is there", async () => (await fetch(`${offhook.url}/long`)).status === 500);
  await page.goto(`${offhook.url}/long`);
  const source = page.getByRole("region", { name: "Source" });
  await source.focus();
  await page.keyboard.press("ArrowRight");
  await until("it has scrolled", async () => (await source.evaluate((each) => each.scrollLeft)) > 0);
});

test("the requests of the pages are not in the log", async (t) => {
  const page = await openTab(t);
  await page.goto(`${offhook.url}/greeting`);
  await page.evaluate(`fetch("/favicon.ico", { headers: { accept: "image/*" } })`);
  await page.evaluate(
    `new Promise((resolve) => { const image = new Image(); image.onerror = resolve; image.src = "/favicon.ico"; })`,
  );
  const paths = offhook.log.map((line) => line["path"]);
  assert.deepEqual(
    paths.filter((path) => path === "/_offhook/changes"),
    [],
  );
  assert.equal(requestsFor("/favicon.ico"), 1);
});

test("a page reloads after a restart of the server, with the fix that was made meanwhile", async (t) => {
  await using other = await copyProject(undefined, { ...files, "functions/order.js": throws });
  const first = await startOffhook(other.folder, { verb: "dev" });
  const page = await openTab(t);
  await page.goto(`${first.url}/order`);
  await page.getByRole("heading", { name: /^TypeError: / }).waitFor();
  // The open page does not keep the server from stopping.
  assert.equal(await first.stop(), 0);
  await other.write("functions/order.js", throws.replace("event.items.length", '"Fixed."'));
  await using second = await startOffhook(other.folder, { verb: "dev", flags: ["--port", new URL(first.url).port] });
  assert.equal(second.url, first.url);
  await page.getByText("Fixed.").waitFor();
});
