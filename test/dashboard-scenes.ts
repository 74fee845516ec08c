/**
 * Scenes of the dashboard. A test plays them, and a script takes the pictures of the guide from them.
 * The project, the server and the browser are real.
 */
import { chmod, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { shareVisit, visitDashboard, type Visit } from "./dashboard-visit.ts";
import { startOffhook, type OffhookProcess } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";

export interface Scene {
  /** The file name of its picture. */
  readonly name: string;
  /** The steps to the scene, as a reader would take them. */
  readonly play: (page: Page, served: ServedScenes) => Promise<void>;
}

export interface ServedScenes extends OffhookProcess {
  /** All pages share the session, because the link works only once. */
  readonly visit: Visit;
}

export const scenes: readonly Scene[] = [
  { name: "requests", play: showRequest },
  { name: "simulator", play: sendProtectedMessage },
  { name: "phone-chat", play: chat },
  { name: "phone-call", play: call },
  { name: "studio", play: runStudioWidget },
];

const authToken = "0123456789abcdef0123456789abcdef";

/** Serves a project with something for each scene. */
export async function serveScenes(): Promise<ServedScenes & AsyncDisposable> {
  const project = await copyProject("examples/voice-ivr", {
    ".env": `ACCOUNT_SID=AC${"0".repeat(32)}\nAUTH_TOKEN=${authToken}\nSALES_NUMBER=+12025550150\n`,
    "functions/sms.protected.js": `// A pizzeria, by text message.
exports.handler = function (context, event, callback) {
  const reply = new Twilio.Response();
  const twiml = new Twilio.twiml.MessagingResponse();
  const before = Number(event.request.cookies.pizzas ?? 0);
  const wanted = Number(/\\d+/.exec(event.Body ?? "")?.[0] ?? 0);
  console.log(\`\${event.From} wants \${wanted || "something else"}\`);
  if (wanted > 0) twiml.message(\`\${before + wanted} pizzas so far. Anything else?\`);
  else twiml.message("How many pizzas?");
  reply.setHeaders({ "content-type": "text/xml" });
  reply.setBody(twiml.toString());
  reply.setCookie("pizzas", String(before + wanted));
  callback(null, reply);
};
`,
    "functions/studio/hours.protected.js": `exports.handler = function (context, event, callback) {
  callback(null, { isOpen: Number(event.hour ?? 12) < 22, next: "tomorrow at 9" });
};
`,
    "functions/orders.js": `exports.handler = async function (context, event, callback) {
  const orders = await Promise.resolve([{ id: 1, pizzas: 2 }]);
  console.log("orders of", event.customer);
  callback(null, orders.find(({ id }) => id === Number(event.id)).pizzas);
};
`,
  });
  // The page shows the name of the folder.
  const outer = await mkdtemp(join(tmpdir(), "offhook-scenes-"));
  await chmod(outer, 0o755);
  const folder = join(outer, "pizzeria");
  await rename(project.folder, folder);
  const offhook = await startOffhook(folder, { verb: "dev" });
  const dispose = async (): Promise<void> => {
    await offhook.stop();
    await rm(outer, { recursive: true });
  };
  return { ...offhook, visit: await visitDashboard(offhook), [Symbol.asyncDispose]: dispose };
}

async function showRequest(page: Page, { url, visit }: ServedScenes): Promise<void> {
  await open(page, visit, "requests");
  // Rows appear on their own, without an action of the page.
  await fetch(`${url}/orders?id=1&customer=Ada`);
  await fetch(`${url}/orders?id=7&customer=Eve`);
  const row = page.getByRole("option", { name: /orders.*500/ });
  await row.first().waitFor();
  await row.first().click();
  const article = page.getByRole("article");
  await article
    .getByText(/Cannot read properties of undefined/)
    .first()
    .waitFor();
  await article.getByText("orders of Eve").waitFor();
}

async function sendProtectedMessage(page: Page, { visit }: ServedScenes): Promise<void> {
  await open(page, visit, "simulator/sms?to=/sms");
  await page.getByLabel("Body", { exact: true }).fill("3 Margherita");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("3 pizzas so far. Anything else?").first().waitFor();
}

async function chat(page: Page, { visit }: ServedScenes): Promise<void> {
  await open(page, visit, "phone");
  await page.locator(".phone").getByLabel("Function").selectOption("/sms");
  const conversation = page.getByLabel("Conversation");
  for (const [text, answer] of [
    ["Hello", "How many pizzas?"],
    ["2 Margherita", "2 pizzas so far. Anything else?"],
    ["and 1 Funghi", "3 pizzas so far. Anything else?"],
  ] as const) {
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
    await conversation.getByText(answer).waitFor();
  }
}

async function call(page: Page, { visit }: ServedScenes): Promise<void> {
  await open(page, visit, "phone");
  await page.getByRole("tab", { name: "Call" }).click();
  await page.locator(".phone").getByLabel("Function").selectOption("/ivr/welcome");
  await page.getByRole("button", { name: "Call", exact: true }).click();
  // As with Twilio, keys pressed before <Gather> plays are lost.
  await page.getByLabel("What the caller hears").getByText("Press 1 for sales.").waitFor();
  await page.getByRole("group", { name: "Keypad" }).getByRole("button", { name: "1", exact: true }).click();
  await page.getByLabel("Call log").getByText("/ivr/menu").first().waitFor();
}

async function runStudioWidget(page: Page, { visit }: ServedScenes): Promise<void> {
  await open(page, visit, "simulator/studio?to=/studio/hours");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page
    .getByText(/"?isOpen"?: true/)
    .first()
    .waitFor();
}

async function open(page: Page, visit: Visit, place: string): Promise<void> {
  await shareVisit(visit, page.context());
  await page.goto(`${visit.origin}/#/${place}`);
  await page.getByRole("navigation").first().waitFor();
}
