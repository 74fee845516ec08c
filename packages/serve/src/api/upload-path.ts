/**
 * The path of an upload: a stranger's text, which becomes a URL and a file name. Clients cut the visibility marker off
 * a name themselves, if they know it. Where one is left, it counts, so that nothing protected becomes public.
 */
import { nameAsset, nameFunction } from "@offhook/runtime/internal/resource-name";
import type { ResourceKind, Schema } from "../store/schema.ts";
import { invalidParameter } from "../api-error.ts";

export type Visibility = Schema["version"]["visibility"];

const maxBytes = 255;
const strictness: Readonly<Record<Visibility, number>> = { public: 0, protected: 1, private: 2 };

export interface UploadName {
  /** The URL path that is served. */
  readonly path: string;
  readonly visibility: Visibility;
}

/** @throws ApiError 400 */
export function readUploadName(kind: ResourceKind, path: string, visibility: string): UploadName {
  const asked = readVisibility(visibility);
  checkPath(path);
  const relative = path.slice(1);
  // The names of functions have no extension here, and the marker may stand before `.js` or at the end.
  const marked = kind === "function" ? nameFunction(`${relative.replace(/\.js$/, "")}.js`) : nameAsset(relative);
  if (marked === undefined) throw invalidParameter(`Path ${path} names no function.`);
  checkPath(marked.path);
  const isStricter = strictness[marked.visibility] > strictness[asked];
  return { path: marked.path, visibility: isStricter ? marked.visibility : asked };
}

/** @throws ApiError 400 */
function readVisibility(text: string): Visibility {
  const visibility = text.toLowerCase();
  if (visibility === "public" || visibility === "protected" || visibility === "private") return visibility;
  throw invalidParameter("Visibility must be public, protected or private.");
}

/** @throws ApiError 400 */
function checkPath(path: string): void {
  const problem = problemOf(path);
  if (problem !== undefined) throw invalidParameter(`Path ${problem}.`);
}

function problemOf(path: string): string | undefined {
  if (!path.startsWith("/")) return "must begin with a slash";
  const bytes = Buffer.byteLength(path);
  if (bytes > maxBytes) return `may have at most ${maxBytes} bytes, and this one has ${bytes}`;
  if (path.includes("\\") || /\p{Cc}/u.test(path)) return "must not contain a backslash or a control character";
  if (!path.isWellFormed()) return "must be valid Unicode";
  const segments = path.slice(1).split("/");
  if (segments.includes("")) return "must not have an empty segment";
  if (segments.includes(".") || segments.includes("..")) return "must not have a segment that consists of dots";
  if (segments.some((segment) => segment.toLowerCase() === "node_modules")) {
    return "must not contain node_modules. Dependencies are installed when a build is made";
  }
  return undefined;
}
