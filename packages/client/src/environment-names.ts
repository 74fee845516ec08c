/** Names of environments. They are those of Twilio's tools, so that both deploy to the same environment. */
import { createHash } from "node:crypto";
import { OffhookError } from "@offhook/runtime/offhook-error";

export interface EnvironmentName {
  readonly uniqueName: string;
  /** Part of the host name. Empty for production. */
  readonly suffix: string;
}

const maxSuffix = 16;
const hashLength = 6;

/** @param asked undefined for `dev`. */
export function environmentNamed(asked = "dev"): EnvironmentName {
  if (/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(asked) && !asked.endsWith("-") && asked.length <= maxSuffix) {
    const suffix = asked.toLowerCase();
    return { uniqueName: `${suffix}-environment`, suffix };
  }
  throw new OffhookError(
    "setting-invalid",
    `Invalid value for --environment: "${asked}". Expected at most ${maxSuffix} letters, digits and dashes.`,
  );
}

export const production: EnvironmentName = { uniqueName: "production", suffix: "" };

/**
 * The environment of a preview, such as that of a branch. A name that a host name cannot have is shortened, and gets a
 * hash, so that two branches never share an environment.
 */
export function previewNamed(name: string): EnvironmentName {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const isKept = plain === name && plain.length <= maxSuffix;
  const suffix = isKept ? plain : `${plain.slice(0, maxSuffix - hashLength - 1).replace(/-+$/, "")}-${hashOf(name)}`;
  if (plain !== "") return { uniqueName: `${suffix}-preview`, suffix };
  throw new OffhookError("setting-invalid", `Invalid value for --preview: "${name}". It has no letter and no digit.`);
}

function hashOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, hashLength);
}
