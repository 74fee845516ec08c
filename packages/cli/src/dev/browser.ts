/**
 * The author's browser.
 */
import { spawn } from "node:child_process";

import { sealed } from "@offhook/runtime/internal/descriptors";

/** How each system opens what a person would click on. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  // The first argument in quotes would be a title.
  win32: ["cmd", "/c", "start", ""],
};

/** Resolves when the system has taken the URL. @throws Error where it has nothing that would. */
export function openBrowser(url: string, command = process.env["BROWSER"]): Promise<void> {
  const [program = "xdg-open", ...args] = command ? [command] : (openers[process.platform] ?? ["xdg-open"]);
  return new Promise((resolve, reject) => {
    // In a group of its own: Ctrl+C in this terminal is not meant for it.
    const child = spawn(program, [...args, url], {
      stdio: [...sealed(["ignore", "ignore", "ignore"] as const)],
      detached: true,
    });
    child.on("error", reject);
    child.on("spawn", () => {
      child.unref();
      resolve();
    });
  });
}
