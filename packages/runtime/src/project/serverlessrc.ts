/**
 * `.twilioserverlessrc`: a project's settings for Twilio's own tool. We read the three that name folders and files. The
 * rest is about deployment and is ignored.
 */
import { join } from "node:path";

import { OffhookError } from "../offhook-error.ts";
import { readJsonFile } from "../json-file.ts";

const keys = ["functionsFolder", "assetsFolder", "env"] as const;

export type ServerlessRc = { readonly [K in (typeof keys)[number]]?: string };

/**
 * Returns the file's values, with relative paths as written. Empty if there is no file. A key under `commands.start`
 * beats the same key at the top.
 * @throws OffhookError `file-malformed`, `file-unreadable`, `setting-invalid`.
 */
export async function readServerlessRc(folder: string): Promise<ServerlessRc> {
  const file = join(folder, ".twilioserverlessrc");
  const top = (await readJsonFile(file)) ?? {};
  const start = child(child(top, "commands"), "start");
  const found: { [K in (typeof keys)[number]]?: string } = {};
  for (const key of keys) {
    const value = start[key] ?? top[key];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string" || value.trim() === "") {
      const shown = JSON.stringify(value);
      throw new OffhookError("setting-invalid", `Invalid value for "${key}" in ${file}: ${shown}. Expected a path.`);
    }
    found[key] = value;
  }
  return found;
}

function child(parent: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = parent[key];
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
