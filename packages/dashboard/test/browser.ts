import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

import { packagedBrowser } from "./packaged-browser.ts";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** A browser without a window: the one in CHROME_PATH, the one on PATH, or the one that npm installed. */
export function launchBrowser(): Promise<Browser> {
  const installed = process.env["CHROME_PATH"] ?? browserOnPath();
  if (installed !== undefined) return chromium.launch({ executablePath: installed, args: ["--no-sandbox"] });
  const packaged = packagedBrowser();
  if (packaged === undefined)
    throw new Error(`The tests of the page need a browser: ${names.join(", ")}, or CHROME_PATH.`);
  const env = { ...process.env, ...packaged.environment };
  return chromium.launch({ executablePath: packaged.program, args: ["--no-sandbox"], env });
}

function browserOnPath(): string | undefined {
  const { PATH = "" } = process.env;
  const places = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return places.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
