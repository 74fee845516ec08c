/** Files as functions and assets: their paths, number and size, and keys that do not exist. */
import { extname } from "node:path";

import { compiledName, resourceKeysOf, whyNoAsset, whyNoFunction } from "@offhook/runtime/project";
import type { AssetResource, FunctionResource } from "@offhook/runtime/service";

import { excerpt } from "@offhook/runtime/internal/printable";
import type { CheckedProject } from "../checked-project.ts";
import { at, usesOf } from "../rule.ts";
import type { Rule } from "../rule.ts";

const mb = 1_048_576;
/** The limits of the hosted product. Settings do not change them. */
const maxSizeBytes = { public: 25 * mb, private: 10 * mb };
const maxCount = { functions: 50, publicAssets: 1000, privateAssets: 50 };

const binary = /\.(?:png|jpe?g|gif|webp|ico|pdf|zip|gz|mp[34]|wav|ogg|woff2?|ttf|wasm|node|p12|pfx|der|sqlite|db)$/i;

type Resource = FunctionResource | AssetResource;

function isPrivate({ visibility }: Resource): boolean {
  return visibility === "private";
}

function resourcesOf({ service }: CheckedProject): Resource[] {
  return [...service.functions, ...service.assets];
}

export const resourceRules: readonly Rule[] = [
  {
    id: "path-duplicate",
    severity: "error",
    contract: "row 22",
    page: "errors.md#path-duplicate",
    finds: "two files with the same path",
    next: "Rename or remove one. Functions and assets share one namespace. The project cannot be served with both.",
    *find(project) {
      const owners = new Map<string, Resource>();
      for (const resource of resourcesOf(project)) {
        const owner = owners.get(resource.path);
        if (owner === undefined) owners.set(resource.path, resource);
        else {
          const other = excerpt(project.show(owner.file), 80);
          yield {
            file: project.show(resource.file),
            message: `has the path ${excerpt(resource.path, 80)}, like ${other}`,
          };
        }
      }
    },
  },
  {
    id: "path-refused",
    severity: "error",
    contract: "§1.4",
    page: "visibility.md",
    finds: "a path with more than 255 characters, or with one of `# ; , ? : @ + & $ ( ) ' \"`",
    next: "Rename the file.",
    *find(project) {
      for (const { path, file } of resourcesOf(project)) {
        const odd = [...new Set(path.match(/[#;,?:@+&$()'"]/g) ?? [])].join(" ");
        const shown = project.show(file);
        if (odd !== "") yield { file: shown, message: `has ${odd} in its path, which hosted Functions reject` };
        if (path.length > 255)
          yield { file: shown, message: `has a path of ${path.length} characters; the limit is 255` };
      }
    },
  },
  {
    id: "file-remark",
    severity: "warning",
    contract: "§8",
    page: "visibility.md",
    finds: "a file that is ignored, or whose `.private` or `.protected` has no effect",
    next: "Rename it, or move it to the right folder.",
    *find({ remarks }) {
      for (const { file, text } of remarks) {
        if (!text.includes("hosted Functions refuse")) yield { file, message: text };
      }
    },
  },
  {
    id: "no-function",
    severity: "info",
    contract: "§8",
    page: "visibility.md",
    finds: "a file in the functions folder that is not a function: it has no URL, and is not deployed",
    next: "If functions read the file, make it a private asset. Otherwise, move it to another folder.",
    *find({ otherFiles }) {
      for (const file of otherFiles) {
        // Type declarations and source maps belong to the functions beside them.
        if (!/\.(?:d\.[cm]?ts|map)$/.test(file)) yield { file, message: "is not a function, and is not deployed" };
      }
    },
  },
  {
    id: "asset-too-large",
    severity: "error",
    contract: "rows 148, 149",
    page: "limits.md",
    finds: "a public or protected asset of more than 25 MB, or a private one of more than 10 MB",
    next: "Make it smaller, or keep it elsewhere.",
    *find({ service, assetSizes, show }) {
      for (const asset of service.assets) {
        const bytes = assetSizes.get(asset.file) ?? 0;
        const limit = isPrivate(asset) ? maxSizeBytes.private : maxSizeBytes.public;
        if (bytes <= limit) continue;
        const size = `${(bytes / mb).toFixed(1)} MB`;
        yield { file: show(asset.file), message: `has ${size}; the limit of hosted Functions is ${limit / mb} MB` };
      }
    },
  },
  {
    id: "asset-count",
    severity: "error",
    contract: "§13, 18 and 19",
    page: "check.md#offhook-check",
    finds: "more than 1,000 public and protected assets, or more than 50 private ones",
    next: "Combine data in one file, or store it elsewhere.",
    *find({ service }) {
      const hidden = service.assets.filter(isPrivate).length;
      const open = service.assets.length - hidden;
      const tooMany = (count: number, kind: string, limit: number): string =>
        `There are ${count} ${kind} assets; a hosted service has at most ${limit}`;
      if (hidden > maxCount.privateAssets)
        yield { file: ".", message: tooMany(hidden, "private", maxCount.privateAssets) };
      if (open > maxCount.publicAssets)
        yield { file: ".", message: tooMany(open, "public and protected", maxCount.publicAssets) };
    },
  },
  {
    id: "function-count",
    severity: "warning",
    contract: "§13, 17",
    page: "check.md#offhook-check",
    finds: "more than 50 functions, a limit on an old page of Twilio's that current pages do not mention",
    next: "Try to deploy it. You may have to split it into two services.",
    *find({ service }) {
      const count = service.functions.length;
      if (count <= maxCount.functions) return;
      yield {
        file: ".",
        message: `There are ${count} functions; a hosted service may be limited to ${maxCount.functions}`,
      };
    },
  },
  {
    id: "function-key",
    severity: "error",
    contract: "row 118",
    page: "runtime.md#runtimegetfunctions",
    finds: "a key that `Runtime.getFunctions()` does not have",
    next: "Use a path without its leading slash and extension, and without .private or .protected.",
    *find(project) {
      const keys = resourceKeysOf(project.service);
      for (const { source, rest } of usesOf(project, "Runtime", "getFunctions")) {
        const [key] = rest;
        if (key?.name === undefined || key.isOptional || key.name in Object.prototype) continue;
        const reason = whyNoFunction(key.name, keys);
        if (reason !== undefined) yield at(source, key, reason);
      }
    },
  },
  {
    id: "asset-key",
    severity: "error",
    contract: "row 120",
    page: "runtime.md#runtimegetassets",
    finds: "a key that `Runtime.getAssets()` does not have, for example that of an asset that is not private",
    next: "Use the path with leading slash and the deployed file's extension, without .private. Only private assets have keys.",
    *find(project) {
      const keys = resourceKeysOf(project.service);
      for (const { source, rest } of usesOf(project, "Runtime", "getAssets")) {
        const [key] = rest;
        if (key?.name === undefined || key.isOptional || key.name in Object.prototype) continue;
        const compiled = compiledName(key.name);
        if (compiled !== undefined && keys.sourceAssets.includes(key.name)) {
          const shown = `"${excerpt(key.name, 60)}"`;
          const message = `The compiled asset ${shown} has the key "${excerpt(compiled, 60)}"; that key works here too`;
          yield at(source, key, message);
          continue;
        }
        const reason = whyNoAsset(key.name, keys);
        if (reason !== undefined) yield at(source, key, reason);
      }
    },
  },
  {
    id: "asset-typescript",
    severity: "warning",
    contract: "§9",
    page: "typescript.md#assets",
    finds: "a TypeScript asset that is not private, so callers get its source and not JavaScript",
    next: "Compile it into the assets folder, and keep the source in another folder.",
    *find({ service, show }) {
      for (const asset of service.assets) {
        if (isPrivate(asset) || compiledName(asset.path) === undefined) continue;
        yield { file: show(asset.file), message: "is served as TypeScript, which browsers cannot run" };
      }
    },
  },
  {
    id: "asset-binary",
    severity: "warning",
    contract: "row 121",
    page: "runtime.md#runtimegetassets",
    finds: "`open()` of a binary asset; it reads UTF-8 text",
    next: "Read it by its path: fs.readFileSync(Runtime.getAssets()[key].path).",
    *find(project) {
      for (const { source, rest } of usesOf(project, "Runtime", "getAssets")) {
        const [key, open] = rest;
        if (open?.name !== "open" || open.args === undefined || !binary.test(extname(key?.name ?? ""))) continue;
        yield at(source, open, `open() reads text, but ${excerpt(key?.name ?? "", 60)} is binary`);
      }
    },
  },
];
