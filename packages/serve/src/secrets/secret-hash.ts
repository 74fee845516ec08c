/** The hash under which the secret of an API key is stored. The secret has 32 random bytes, so it needs no slow hash. */
import { createHash } from "node:crypto";

/** @returns SHA-256 in hex. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
