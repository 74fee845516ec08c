/** The server that the author logged in to: URL and key, in a file that only this user can read. */
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { OffhookError } from "@offhook/runtime/offhook-error";

export interface Profile {
  /** Without a path: `https://api.example.com`. */
  readonly url: string;
  /** `SK…` or `AC…`. */
  readonly key: string;
  readonly secret: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the profile is: in the user's folder of configuration. */
function profileFile(environment: Environment): string {
  const folder = environment["XDG_CONFIG_HOME"] || join(environment["HOME"] || homedir(), ".config");
  return join(folder, "offhook", "login.json");
}

/**
 * The variables OFFHOOK_URL and OFFHOOK_API_KEY (`SK…:secret`) come before the file.
 * @throws OffhookError `login-missing`, `setting-invalid`
 */
export async function readProfile(environment: Environment): Promise<Profile> {
  const { OFFHOOK_URL: url, OFFHOOK_API_KEY: pair } = environment;
  if (url && pair) return checkProfile({ url, ...splitKey(pair) });
  const text = await readFile(profileFile(environment), "utf8").catch(() => undefined);
  if (text === undefined) throw new OffhookError("login-missing");
  try {
    return checkProfile(JSON.parse(text) as Profile);
  } catch {
    throw new OffhookError("login-missing", `${profileFile(environment)} cannot be read`);
  }
}

/** @returns the path of the file. */
export async function writeProfile(profile: Profile, environment: Environment): Promise<string> {
  const file = profileFile(environment);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
  // The file may have been there with another mode.
  await chmod(file, 0o600);
  return file;
}

export async function removeProfile(environment: Environment): Promise<void> {
  await rm(profileFile(environment), { force: true });
}

/** @param pair `SK…:secret`. @throws OffhookError `setting-invalid` */
export function splitKey(pair: string): { key: string; secret: string } {
  const [, key, secret] = /^((?:SK|AC)[0-9a-f]{32}):(\S+)$/.exec(pair.trim()) ?? [];
  if (key !== undefined && secret !== undefined) return { key, secret };
  throw new OffhookError("setting-invalid", "The key is malformed. Expected SK… and its secret, joined by a colon.");
}

/** @throws OffhookError `setting-invalid` */
export function checkProfile(profile: Profile): Profile {
  const url = URL.parse(profile.url);
  const isLocal = url !== null && /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new OffhookError("setting-invalid", `Invalid URL: "${profile.url}". Expected https://….`);
  }
  if (url.protocol === "http:" && !isLocal) {
    throw new OffhookError("setting-invalid", `The key would travel unprotected to ${url.origin}. Use https.`);
  }
  return { ...profile, url: url.origin };
}
