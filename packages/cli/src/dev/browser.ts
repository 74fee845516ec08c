/**
 * Opens the author's browser.
 */
import { spawn } from "node:child_process";

import { sealed } from "@offhook/runtime/internal/descriptors";

/** The command with which each system opens a link. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  // `start` takes a first argument in quotes as a window title.
  win32: ["cmd", "/c", "start", ""],
};

/** Resolves when the command has started. @throws Error if the system has no such command. */
export function openBrowser(url: string, command = process.env["BROWSER"]): Promise<void> {
  const [program = "xdg-open", ...args] = command ? [command] : (openers[process.platform] ?? ["xdg-open"]);
  return new Promise((resolve, reject) => {
    // In its own process group, so that Ctrl+C in this terminal does not end it.
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
