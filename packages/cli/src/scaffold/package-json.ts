/**
 * `package.json`: a new one, or the missing entries of an existing one. Edits touch only the places that change.
 */
import { readFileSync } from "node:fs";

import { OffhookError } from "@offhook/runtime/offhook-error";

import { readTemplate, templateNeeds } from "./template.ts";
import type { Language, TemplateName } from "./template-names.ts";

type Table = Readonly<Record<string, string>>;

export interface Wanted {
  readonly scripts: Table;
  readonly dependencies: Table;
  readonly devDependencies: Table;
}

/** @param template undefined if only the `offhook` command is wanted. */
export function wantedOf(template: TemplateName | undefined, language: Language): Wanted {
  const versions = ownVersions();
  const other = JSON.parse(readTemplate("versions.json")) as Record<"twilio" | "typescript" | "@types/node", string>;
  const scripts = { dev: "offhook dev", start: "offhook start" };
  if (template === undefined) return { scripts, dependencies: {}, devDependencies: { offhook: versions.offhook } };
  const isTypeScript = language === "ts";
  const helpers = { "@offhook/helpers": versions.helpers };
  const areForFunctions = templateNeeds[template].helpers === "dependencies";
  return {
    scripts: { ...scripts, test: "node --test", ...(isTypeScript && { check: "offhook types && tsc" }) },
    dependencies: { ...(areForFunctions && helpers), twilio: other.twilio },
    devDependencies: {
      ...(!areForFunctions && helpers),
      ...(isTypeScript && { "@offhook/runtime": versions.runtime, "@types/node": other["@types/node"] }),
      offhook: versions.offhook,
      ...(isTypeScript && { typescript: other.typescript }),
    },
  };
}

/** The versions of the packages that are published together with this one. */
function ownVersions(): { offhook: string; helpers: string; runtime: string } {
  const file = new URL("../../package.json", import.meta.url);
  const { version, dependencies } = JSON.parse(readFileSync(file, "utf8")) as {
    version: string;
    dependencies: Record<string, string>;
  };
  return {
    offhook: `^${version}`,
    helpers: `^${dependencies["@offhook/helpers"]}`,
    runtime: `^${dependencies["@offhook/runtime"]}`,
  };
}

export function newPackageJson(name: string, language: Language, { scripts, ...needs }: Wanted): string {
  const isTypeScript = language === "ts";
  const content = {
    name,
    version: "1.0.0",
    private: true,
    // Without this field, Node has to inspect each file to find its module system.
    ...(isTypeScript && { type: "module" }),
    scripts,
    ...needs,
    engines: { node: isTypeScript ? ">=22.18" : ">=22" },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** A valid npm name made from the folder's. A package cannot install a dependency that has its own name. */
export function packageName(folderName: string): string {
  const name = folderName
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "")
    .slice(0, 214);
  if (name === "" || name === "node_modules") return "functions";
  return ["offhook", "twilio", "typescript"].includes(name) ? `${name}-functions` : name;
}

export interface PackageJsonEdit {
  readonly text: string;
  /** `scripts.dev`, `devDependencies.offhook`. */
  readonly added: readonly string[];
  /** Scripts that already exist with another command. */
  readonly kept: readonly string[];
}

export interface PackageJson {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly [table: string]: unknown;
}

/** @throws OffhookError `file-malformed`. */
export function parsePackageJson(text: string, file: string): PackageJson {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new OffhookError("file-malformed", `${file}: ${(error as Error).message}`, { cause: error });
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new OffhookError("file-malformed", `${file} must contain an object: { … }`);
  }
  return content as PackageJson;
}

/** @throws OffhookError `file-malformed`. */
export async function addToPackageJson(text: string, file: string, wanted: Wanted): Promise<PackageJsonEdit> {
  const content = parsePackageJson(text, file);
  const { applyEdits, modify } = await import("jsonc-parser");
  const formattingOptions = formatOf(text);
  let edited = text.replace(/^\uFEFF/, "");
  const added: string[] = [];
  const kept: string[] = [];
  const tableOf = (name: string): Record<string, unknown> => {
    const table = content[name] ?? {};
    if (typeof table === "object" && !Array.isArray(table)) return table as Record<string, unknown>;
    throw new OffhookError("file-malformed", `"${name}" in ${file} must contain an object: { … }`);
  };
  const development = tableOf("devDependencies");
  const others = ["dependencies", "optionalDependencies", "peerDependencies"].map(tableOf);
  const installed = [...others, development];
  for (const [name, entries] of Object.entries(wanted) as [keyof Wanted, Table][]) {
    for (const [key, value] of Object.entries(entries)) {
      const tables = name === "scripts" ? [tableOf(name)] : installed;
      const found = tables.find((table) => Object.hasOwn(table, key));
      const set = (table: string, to: unknown): void => {
        edited = applyEdits(edited, modify(edited, [table, key], to, { formattingOptions }));
      };
      if (found === undefined) {
        set(name, value);
        added.push(`${name}.${key}`);
      } else if (name === "dependencies" && found === development) {
        // Functions need it in production, and npm uses the last table that has it.
        set("devDependencies", undefined);
        set(name, found[key]);
        added.push(`${name}.${key} (was in devDependencies)`);
      } else if (name === "scripts" && found[key] !== value) kept.push(`${name}.${key}`);
    }
  }
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  return { text: mark + edited, added, kept };
}

function formatOf(text: string): { insertSpaces: boolean; tabSize: number; eol: string } {
  const [, indent = "  "] = /^\s*\{\s*?\n([ \t]+)/.exec(text.replace(/^\uFEFF/, "")) ?? [];
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  return indent.startsWith("\t")
    ? { insertSpaces: false, tabSize: 1, eol }
    : { insertSpaces: true, tabSize: indent.length, eol };
}
