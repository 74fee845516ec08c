/**
 * The settings that come with a build: its private asset `/offhook.json`. A public or protected asset of
 * that path has no effect.
 */
import { text } from "node:stream/consumers";
import type { ArtefactStore } from "../artefacts/artefact-store.ts";
import type { Row } from "./schema.ts";

const settingsPath = "/offhook.json";
const maxBytes = 64 * 1024;

/**
 * @returns undefined if the build has none.
 * @throws Error for people if it is too large, or not a JSON object.
 */
export async function readSettingsAsset(
  artefacts: ArtefactStore,
  versions: readonly Row<"version">[],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const asset = versions.find(
    ({ kind, path, visibility }) => kind === "asset" && path === settingsPath && visibility === "private",
  );
  if (asset === undefined) return undefined;
  if (asset.bytes > maxBytes) throw new Error(`It may have at most ${maxBytes / 1024} kB.`);
  const content = await text(await artefacts.get(asset.content_sha256));
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new Error("It is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("It is not a JSON object.");
  return value as Record<string, unknown>;
}
