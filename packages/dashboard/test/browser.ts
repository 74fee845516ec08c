import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** A browser without a window: the one that is named by CHROME_PATH, or found on PATH. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
}

function browserPath(): string {
  const { CHROME_PATH, PATH = "" } = process.env;
  if (CHROME_PATH !== undefined) return CHROME_PATH;
  const places = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const found = places.find(isExecutable);
  if (found === undefined)
    throw new Error(`The tests of the page need a browser: ${names.join(", ")}, or CHROME_PATH.`);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
