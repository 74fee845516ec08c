/**
 * The files of the page. The published package has two scripts and a style sheet, built by `scripts/page-bundle.ts`. A
 * checkout serves the modules and style sheets of `page/` and the modules of `@offhook/phone`, and transforms each on
 * request. So a checkout needs no build.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire, findPackageJSON } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface SiteFile {
  /** The value of `content-type`. */
  readonly type: string;
  readonly body: string;
}

const isSource = import.meta.url.endsWith(".ts");
const extension = isSource ? "tsx" : "js";
const folder = fileURLToPath(new URL("page/", import.meta.url));
const require = createRequire(import.meta.url);

const phonePath = "phone/";
const logoPath = "page/logo.svg";

/** Packages that the page's modules import by name, and their paths. The published script contains them already. */
const packages: Readonly<Record<string, string>> = isSource
  ? {
      preact: "modules/preact.mjs",
      "preact/hooks": "modules/preact/hooks.mjs",
      "preact/jsx-runtime": "modules/preact/jsx-runtime.mjs",
      ...phoneModules(),
    }
  : {};

/** The phone is another package of the checkout. All of its sources are served, because they import each other. */
function phoneModules(): Record<string, string> {
  const { name, exports } = JSON.parse(readFileSync(phoneManifest(), "utf8")) as {
    name: string;
    exports: Record<string, { "offhook-source": string }>;
  };
  const addresses = Object.entries(exports).map(([entry, { "offhook-source": file }]) => [
    name + entry.slice(1),
    file.replace("./src/", phonePath),
  ]);
  return Object.fromEntries(addresses) as Record<string, string>;
}

function phoneManifest(): string {
  const manifest = findPackageJSON("@offhook/phone", import.meta.url);
  if (manifest === undefined) throw new Error("The checkout has no @offhook/phone.");
  return manifest;
}

/**
 * Returns a file of the page, or undefined if there is none.
 * @param path without the slash at its start.
 */
export function readSiteFile(path: string): SiteFile | undefined {
  const name = Object.entries(packages).find(([, place]) => place === path)?.[0];
  if (name !== undefined && !path.startsWith(phonePath)) {
    return { type: scriptType, body: readFileSync(resolveModule(name), "utf8") };
  }
  const file = fileOf(path);
  if (file === undefined || !existsSync(file)) return undefined;
  const type = types[extname(file)];
  if (type === undefined) return undefined;
  const text = readFileSync(file, "utf8");
  return { type, body: type === scriptType && isSource ? transformed(file, text) : text };
}

/** Accepts only plain paths: dots and percent signs in a path could lead outside the folder. */
function fileOf(path: string): string | undefined {
  // The page shares it with the server.
  if (isSource && path === "mask.ts") return join(folder, "..", path);
  const [, start, rest = ""] = /^(page\/|phone\/)([\w/-]+\.\w+)$/.exec(path) ?? [];
  if (start === undefined || (start === phonePath && !isSource)) return undefined;
  const root = start === phonePath ? join(dirname(phoneManifest()), "src/") : folder;
  const file = join(root, rest);
  return file.startsWith(root) ? file : undefined;
}

/** The logo as a `data:` URL, for pages that may load nothing else. */
export function logoUrl(): string {
  return `data:image/svg+xml,${encodeURIComponent(readSiteFile(logoPath)?.body ?? "")}`;
}

/**
 * The HTML of the page.
 * @param token for a browser that has just been given access, otherwise empty.
 * @param nonce of the content security policy. It allows the one inline script of a checkout.
 */
export function pageHtml({ token, nonce }: { readonly token: string; readonly nonce: string }): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="offhook-token" content="${token}" />
    <title>Offhook</title>
    <link rel="icon" type="image/svg+xml" href="/${logoPath}" />
    <link rel="stylesheet" href="/page/style.css" />${isSource ? importMap(nonce) : ""}
    <script type="module" src="/page/main.${extension}"></script>
  </head>
  <body>
    <noscript>The dashboard needs JavaScript.</noscript>
  </body>
</html>
`;
}

function importMap(nonce: string): string {
  return `\n    <script type="importmap" nonce="${nonce}">${importMapText()}</script>`;
}

/** For test pages that import modules of the page. */
export function importMapText(): string {
  const imports = Object.fromEntries(Object.entries(packages).map(([name, place]) => [name, `/${place}`]));
  return JSON.stringify({ imports });
}

/**
 * Allows only the page's own files, and no inline scripts once published. Only sounds and images come from
 * elsewhere: from the functions.
 * @param functionsUrl the origin of the functions.
 */
export function contentSecurityPolicy(nonce: string, functionsUrl: string): string {
  return [
    "default-src 'none'",
    isSource ? `script-src 'self' 'nonce-${nonce}'` : "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: ${functionsUrl}`,
    `media-src ${functionsUrl}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const scriptType = "text/javascript; charset=utf-8";
const types: Readonly<Record<string, string>> = {
  ".js": scriptType,
  ...(isSource && { ".ts": scriptType, ".tsx": scriptType }),
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** npm decides where packages are. Their ES modules can be found only by resolving them as `import` does. */
function resolveModule(name: string): string {
  return fileURLToPath(import.meta.resolve(name));
}

/** The part of `oxc-transform` that we use. Only checkouts have this package. */
interface Transformer {
  readonly transformSync: (
    file: string,
    text: string,
    options: { readonly jsx: { readonly runtime: "automatic"; readonly importSource: string } },
  ) => { readonly code: string; readonly errors: readonly { readonly message: string; readonly codeframe?: string }[] };
}

function transformed(file: string, text: string): string {
  const { transformSync } = require("oxc-transform") as Transformer;
  const { code, errors } = transformSync(file, text, { jsx: { runtime: "automatic", importSource: "preact" } });
  const [error] = errors;
  if (error !== undefined) throw new Error(error.codeframe ?? error.message);
  return code;
}
