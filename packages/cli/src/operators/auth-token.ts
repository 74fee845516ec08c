/** An auth token comes from a file, because other users of the machine see the arguments of a process. */
import { readFile } from "node:fs/promises";

import { OffhookError } from "@offhook/runtime/offhook-error";

/** @throws OffhookError `file-unreadable`, `setting-invalid`. The message never has the content of the file. */
export async function readAuthToken(file: string | undefined): Promise<string> {
  if (file === undefined)
    throw new OffhookError(
      "setting-invalid",
      "Missing value for --auth-token-file. Expected a file with the auth token.",
    );
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new OffhookError("file-unreadable", `${file}: ${(cause as Error).message}`, { cause });
  });
  const authToken = text.trim();
  if (/^[\x21-\x7e]{1,256}$/.test(authToken)) return authToken;
  throw new OffhookError(
    "setting-invalid",
    `The file ${file} of --auth-token-file has no auth token. Expected one line without spaces.`,
  );
}
