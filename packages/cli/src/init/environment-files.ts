/**
 * `.env`, `.env.example` and `.gitignore`: adds missing lines, and keeps existing ones.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { loadVariables } from "@offhook/runtime/project";

import type { FolderWriter } from "../scaffold/folder-writer.ts";
import { readTemplate } from "../scaffold/template.ts";

/** The token is random. The author can try protected functions at once, and other people cannot call them. */
const madeUp: readonly (readonly [name: string, value: () => string])[] = [
  ["ACCOUNT_SID", () => `AC${randomBytes(16).toString("hex")}`],
  ["AUTH_TOKEN", () => randomBytes(16).toString("hex")],
];

const remark =
  "# Random values from offhook init, so that everything works at once. Replace them with those of your account.";

/** @throws OffhookError `file-unreadable`, `file-unwritable`. */
export async function addVariables(writer: FolderWriter): Promise<void> {
  const lines = (names: typeof madeUp): string[] => [remark, ...names.map(([name, value]) => `${name}=${value()}`)];
  const text = await writer.read(".env");
  if (text === undefined) {
    // The file will hold a secret.
    await writer.add(".env", `${lines(madeUp).join("\n")}\n`, 0o600);
  } else {
    const { variables: present } = await loadVariables(join(writer.folder, ".env"));
    const missing = madeUp.filter(([name]) => !Object.hasOwn(present, name));
    if (missing.length === 0) writer.kept.push(".env");
    else
      await writer.append(
        ".env",
        text,
        lines(missing),
        missing.map(([name]) => name),
      );
  }
  await addExample(writer);
}

async function addExample(writer: FolderWriter): Promise<void> {
  const path = ".env.example";
  const text = await writer.read(path);
  if (text === undefined) {
    await writer.add(path, readTemplate("every/env.example"));
    return;
  }
  const { variables: known } = await loadVariables(join(writer.folder, path));
  const missing = madeUp.map(([name]) => name).filter((name) => !Object.hasOwn(known, name));
  if (missing.length === 0) writer.kept.push(path);
  else
    await writer.append(
      path,
      text,
      missing.map((name) => `${name}=`),
      missing,
    );
}

const ignored: readonly (readonly [line: string, present: RegExp])[] = [
  ["node_modules/", /^\/?(?:\*\*\/)?node_modules\/?$/],
  [".env", /^\/?(?:\*\*\/)?(?:\.env|\.env\*|\*\.env)$/],
];

/** @throws OffhookError `file-unreadable`, `file-unwritable`. */
export async function addIgnored(writer: FolderWriter): Promise<void> {
  const path = ".gitignore";
  const text = await writer.read(path);
  if (text === undefined) {
    await writer.add(path, readTemplate("every/gitignore"));
    return;
  }
  const lines = text.split("\n").map((line) => line.trim());
  const missing = ignored.filter(([, present]) => !lines.some((line) => present.test(line))).map(([line]) => line);
  if (missing.length === 0) writer.kept.push(path);
  else await writer.append(path, text, missing, missing);
}
