/**
 * `node --conditions=offhook-source scripts/pictures.ts`: takes the pictures of the guide from a real dashboard.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { launchBrowser } from "../packages/dashboard/test/browser.ts";
import { scenes, serveScenes } from "../test/dashboard-scenes.ts";
import { repository } from "../test/offhook-process.ts";

const folder = process.argv[2] ?? join(repository, "docs/guide/pictures");
mkdirSync(folder, { recursive: true });
const browser = await launchBrowser();
const offhook = await serveScenes();
try {
  for (const { name, play } of scenes) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 720 }, colorScheme: "light" });
    await play(page, offhook);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.close();
    console.log(name);
  }
} finally {
  await Promise.all([browser.close(), offhook[Symbol.asyncDispose]()]);
}
