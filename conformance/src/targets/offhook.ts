import { fileURLToPath } from "node:url";
import { instanceOf, startServer } from "./server-process.ts";
import type { Target } from "./target.ts";

const command = fileURLToPath(new URL("../../../packages/cli/bin/offhook.js", import.meta.url));

/** This repository's own server, started as an operator starts it. */
export function offhookTarget(): Target {
  return {
    name: "offhook",
    canStart: true,
    // ES modules work without setup. The documentation lists files that cannot be deployed unchanged.
    differsIn: [189],
    start: async (folder) => {
      const args = [command, "start", folder, "--port", "0"];
      const server = startServer(args, folder, { OFFHOOK_LOG: "json" });
      let baseUrl: string | undefined;
      const hasStarted = await server.until(() => {
        baseUrl ??= urlIn(server.output());
        return baseUrl !== undefined;
      }, 20_000);
      if (!hasStarted || baseUrl === undefined) {
        await server.stop();
        return { started: false, output: server.output() };
      }
      return { started: true, instance: instanceOf(server, baseUrl, folder) };
    },
  };
}

/** The URL in the line `{"event":"started","url":…}`. */
function urlIn(output: string): string | undefined {
  for (const line of output.split("\n")) {
    if (!line.startsWith("{") || !line.endsWith("}")) continue;
    const entry = JSON.parse(line) as { event?: unknown; url?: unknown };
    if (entry.event === "started" && typeof entry.url === "string") return entry.url.replace(/\/+$/, "");
  }
  return undefined;
}
