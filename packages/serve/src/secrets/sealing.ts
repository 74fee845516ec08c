/**
 * Seals values for the database. A sealed value opens only with the master key that sealed it, and only for the row
 * that it was sealed for.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** The use of a value. Each purpose has its own key. */
export type Purpose = "variable" | "auth-token" | "registry";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

export class MasterKey {
  /** The first digits of the key's hash, which sealed values begin with. */
  readonly id: string;
  readonly #key: Buffer;

  /** @throws RangeError unless the key has 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== keyBytes) throw new RangeError(`A master key has ${keyBytes} bytes, not ${key.length}.`);
    this.#key = Buffer.from(key);
    this.id = createHash("sha256").update("offhook master key").update(this.#key).digest("hex").slice(0, 8);
  }

  static generate(): Buffer {
    return randomBytes(keyBytes);
  }

  /** @param place the SIDs of the rows that the value belongs to. */
  seal(purpose: Purpose, place: readonly string[], value: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#derive(purpose), nonce).setAAD(bindingOf(place));
    const sealed = Buffer.concat([nonce, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${this.id}.${sealed.toString("base64")}`;
  }

  /** @throws Error if another key sealed the value, or if it was sealed for another place, or is damaged. */
  open(purpose: Purpose, place: readonly string[], text: string): string {
    const [id, base64 = ""] = text.split(".", 2);
    if (id !== this.id) throw new Error(`The value was sealed with the master key ${id}, and this one is ${this.id}.`);
    const sealed = Buffer.from(base64, "base64");
    const end = sealed.length - tagBytes;
    const decipher = createDecipheriv("aes-256-gcm", this.#derive(purpose), sealed.subarray(0, nonceBytes))
      .setAAD(bindingOf(place))
      .setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, end)), decipher.final()]).toString("utf8");
  }

  /** A fingerprint that only this key can make, so that tokens can be compared without being stored. In hex. */
  fingerprint(value: string): string {
    return createHmac("sha256", this.#derive("fingerprint")).update(value).digest("hex");
  }

  #derive(purpose: Purpose | "fingerprint"): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#key, "", `offhook ${purpose}`, keyBytes));
  }
}

function bindingOf(place: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(place));
}
