import { createInterface } from "node:readline/promises";
import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";

export default command({
  usage: "<url> [options]",
  positionals: ["url"],
  about: `Stores the URL and the key of a server, after it has tried them. The key comes from standard input, so that it
is in no list of processes and in no history of the shell. Only this user can read the file.`,
  examples: ["offhook login https://api.example.com", "offhook login http://localhost:3001 < key.txt"],
  options: {},
  settings: [],
  exitCodes: ["ok", "internal", "usage", "failed", "node"],
  async run({ positionals: [url] }, { stdin, stdout, environment }) {
    const { checkProfile, splitKey, tryLogin, writeProfile } = await import("@offhook/client");
    if (url === undefined) throw new OffhookError("setting-invalid", "The URL of the server is missing.");
    checkProfile({ url, key: "", secret: "" });
    if (stdin !== undefined) stdout.write("Key (SK…:secret): ");
    const lines = createInterface({ input: stdin ?? process.stdin });
    const line = await firstOf(lines);
    lines.close();
    const profile = checkProfile({ url, ...splitKey(line) });
    await tryLogin(profile);
    const file = await writeProfile(profile, environment);
    stdout.write(`Logged in to ${profile.url} with the key ${profile.key}. Stored in ${file}.\n`);
    stdout.write("Next: offhook with -- npm run deploy\n");
    return exitCodes.ok;
  },
});

async function firstOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) return line;
  return "";
}
