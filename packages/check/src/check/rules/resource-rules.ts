/** Files as functions and assets: their paths, their number, their size; and who asks for one that is not there. */
import { extname } from "node:path";

import { compiledName, resourceKeysOf, whyNoAsset, whyNoFunction } from "@offhook/runtime/project";
import type { AssetResource, FunctionResource } from "@offhook/runtime/service";

import { excerpt } from "@offhook/runtime/internal/printable";
import type { CheckedProject } from "../checked-project.ts";
import { at, usesOf } from "../rule.ts";
import type { Rule } from "../rule.ts";

const mb = 1_048_576;
/** Of the hosted product, whatever the settings say. */
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
    finds: "two files that claim one path",
    next: "Rename or remove one of them: functions and assets share one namespace. The project cannot be served as it is.",
    *find(project) {
      const owners = new Map<string, Resource>();
      for (const resource of resourcesOf(project)) {
        const owner = owners.get(resource.path);
        if (owner === undefined) owners.set(resource.path, resource);
        else {
          const other = excerpt(project.show(owner.file), 80);
          yield {
            file: project.show(resource.file),
            message: `claims the path ${excerpt(resource.path, 80)}, as ${other} does`,
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
    finds: "a path of more than 255 characters, or with one of `# ; , ? : @ + & $ ( ) ' \"`",
    next: "Rename the file.",
    *find(project) {
      for (const { path, file } of resourcesOf(project)) {
        const odd = [...new Set(path.match(/[#;,?:@+&$()'"]/g) ?? [])].join(" ");
        const shown = project.show(file);
        if (odd !== "") yield { file: shown, message: `has ${odd} in its path, which hosted Functions refuse` };
        if (path.length > 255)
          yield { file: shown, message: `has a path of ${path.length} characters; 255 are allowed` };
      }
    },
  },
  {
    id: "file-remark",
    severity: "warning",
    contract: "§8",
    page: "visibility.md",
    finds: "a file that is passed over, or whose `.private` or `.protected` does not count",
    next: "Rename it, or move it to where it is meant to be.",
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
    finds: "a file among the functions that is none: it has no URL, and is not deployed with them",
    next: "Make a private asset of what functions read, and keep the rest in another folder.",
    *find({ otherFiles }) {
      for (const file of otherFiles) {
        // They belong to the functions beside them.
        if (!/\.(?:d\.[cm]?ts|map)$/.test(file)) yield { file, message: "is no function, and not deployed with them" };
      }
    },
  },
  {
    id: "asset-too-large",
    severity: "error",
    contract: "rows 148, 149",
    page: "limits.md",
    finds: "a public or protected asset of more than 25 MB, a private one of more than 10 MB",
    next: "Make it smaller, or keep it elsewhere.",
    *find({ service, assetSizes, show }) {
      for (const asset of service.assets) {
        const bytes = assetSizes.get(asset.file) ?? 0;
        const limit = isPrivate(asset) ? maxSizeBytes.private : maxSizeBytes.public;
        if (bytes <= limit) continue;
        const size = `${(bytes / mb).toFixed(1)} MB`;
        yield { file: show(asset.file), message: `has ${size}; hosted Functions take ${limit / mb} MB` };
      }
    },
  },
  {
    id: "asset-count",
    severity: "error",
    contract: "§13, 18 and 19",
    page: "check.md#offhook-check",
    finds: "more than 1,000 public and protected assets, or more than 50 private ones",
    next: "Put data into one file, or keep it elsewhere.",
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
    finds: "more than 50 functions: an old page of Twilio's has that limit, the present ones say nothing",
    next: "Try to deploy it; it may have to become two services.",
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
    finds: "a key of `Runtime.getFunctions()` that there is not",
    next: "Keys are paths without leading slash and extension, and without .private or .protected.",
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
    finds: "a key of `Runtime.getAssets()` that there is not, or that is not private",
    next: "Keys are paths with leading slash and the extension that the deployed file has, and without .private; only private assets have one.",
    *find(project) {
      const keys = resourceKeysOf(project.service);
      for (const { source, rest } of usesOf(project, "Runtime", "getAssets")) {
        const [key] = rest;
        if (key?.name === undefined || key.isOptional || key.name in Object.prototype) continue;
        const compiled = compiledName(key.name);
        if (compiled !== undefined && keys.sourceAssets.includes(key.name)) {
          const shown = `"${excerpt(key.name, 60)}"`;
          const message = `The asset ${shown} is "${excerpt(compiled, 60)}" once it is compiled; that key works here too`;
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
    finds: "an asset in TypeScript that is not private: callers get its source, not JavaScript",
    next: "Compile it for browsers into the folder of assets, and keep the source elsewhere.",
    *find({ service, show }) {
      for (const asset of service.assets) {
        if (isPrivate(asset) || compiledName(asset.path) === undefined) continue;
        yield { file: show(asset.file), message: "is served as TypeScript, which browsers do not run" };
      }
    },
  },
  {
    id: "asset-binary",
    severity: "warning",
    contract: "row 121",
    page: "runtime.md#runtimegetassets",
    finds: "`open()` of an asset that is no text: it reads UTF-8",
    next: "Read it by its path: fs.readFileSync(Runtime.getAssets()[key].path).",
    *find(project) {
      for (const { source, rest } of usesOf(project, "Runtime", "getAssets")) {
        const [key, open] = rest;
        if (open?.name !== "open" || open.args === undefined || !binary.test(extname(key?.name ?? ""))) continue;
        yield at(source, open, `open() reads text, and ${excerpt(key?.name ?? "", 60)} is none`);
      }
    },
  },
];
