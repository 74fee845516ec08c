/**
 * The sources of a project: its functions, the scripts among its private assets, and the project's files that these
 * require. Sources are read but never run.
 */
import { once } from "node:events";
import { statSync } from "node:fs";
import { dirname, extname, sep } from "node:path";
import { Worker } from "node:worker_threads";

import { candidatesFor, findFile } from "@offhook/runtime/internal/resolution";
import type { Service } from "@offhook/runtime/service";

import type { Import, Source } from "./facts.ts";
import { maxSourceLength, stackMbFor } from "./parser-limits.ts";

/** Limit on the number of files to read. It is far more than real projects have. */
const maxFiles = 20_000;

const script = /\.[cm]?[jt]s$/;

export interface Analysis {
  /** Sorted by file. */
  readonly sources: readonly Source[];
  /** Whether there were more files than the limit. */
  readonly isCut: boolean;
}

export async function analyse(service: Service): Promise<Analysis> {
  const { functions, assets } = service;
  const scripts = assets.filter(({ visibility, file }) => visibility === "private" && script.test(file));
  const waiting = new Set([...functions, ...scripts].map(({ file }) => file));
  const sources = new Map<string, Source>();
  while (waiting.size > 0 && sources.size < maxFiles) {
    const files = [...waiting].slice(0, maxFiles - sources.size);
    for (const file of files) waiting.delete(file);
    for (const source of await parsed(files)) sources.set(source.file, source);
    for (const file of files) {
      for (const found of ownImports(service, sources.get(file))) if (!sources.has(found)) waiting.add(found);
    }
  }
  return { sources: [...sources.values()].toSorted(byFile), isCut: waiting.size > 0 };
}

async function parsed(files: readonly string[]): Promise<readonly Source[]> {
  const program = import.meta.url.endsWith(".ts") ? "./source-worker.ts" : "./source-worker.js";
  const thread = new Worker(new URL(program, import.meta.url), {
    resourceLimits: { stackSizeMb: stackFor(files) },
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  try {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(files);
    const [answer] = (await once(thread, "message")) as [readonly Source[]];
    return answer;
  } finally {
    await thread.terminate();
  }
}

function stackFor(files: readonly string[]): number {
  const sizes = files.map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  const maxLength = Math.min(maxSourceLength, Math.max(0, ...sizes));
  return stackMbFor(maxLength);
}

function ownImports(service: Service, source: Source | undefined): string[] {
  if (source === undefined) return [];
  return source.facts.imports.flatMap((each) => {
    const file = fileOf(service, source.file, each);
    const isOwn =
      file !== undefined && file.startsWith(service.folder + sep) && !file.includes(`${sep}node_modules${sep}`);
    return isOwn && script.test(extname(file)) && !file.endsWith(".d.ts") ? [file] : [];
  });
}

/** The project's file that an import resolves to, by a path or by an alias of `tsconfig.json`. Undefined for others. */
export function fileOf({ language }: Service, from: string, { specifier }: Import): string | undefined {
  const aliases = language?.aliases ?? [];
  const isTypeScript = /\.[cm]?ts$/.test(from);
  for (const path of candidatesFor(specifier, dirname(from), { aliases, baseUrl: language?.baseUrl })) {
    const found = findFile(path, isTypeScript);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byFile(a: Source, b: Source): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0;
}
