import { fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { OffhookError } from "@offhook/runtime/offhook-error";
import type { FirstStartAnswer } from "./first-start-program.ts";
import type { FirstStart, FirstStartInput } from "./first-start.ts";
import { unusable } from "./data-folder.ts";

/** Runs `prepareDatabase` in a process of its own. The master key goes over the channel. @throws OffhookError. */
export async function runFirstStart(input: FirstStartInput): Promise<FirstStart | undefined> {
  const program = new URL(`./first-start-program${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(program), { serialization: "advanced" });
  const { promise, resolve, reject } = Promise.withResolvers<FirstStartAnswer>();
  child.once("message", (answer: FirstStartAnswer) => resolve(answer));
  child.once("error", reject);
  child.once("exit", (code, signal) => reject(new Error(`The process ended with ${signal ?? code}.`)));
  child.send(input);
  const answer = await promise;
  if (!("error" in answer)) return answer.result;
  const { code, message } = answer.error;
  if (code === "master-key-unusable") throw new OffhookError(code, message);
  throw unusable(input.dataFolder, message);
}
