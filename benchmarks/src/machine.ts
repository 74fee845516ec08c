/** The machine that was measured on. */
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type as systemType } from "node:os";
import type { LoadTool } from "./load.ts";
import { repositoryFolder, versionOf } from "./peer-packages.ts";
import type { Machine } from "./results.ts";
import type { Target } from "./targets/target.ts";

export function describeMachine(tool: LoadTool, targets: readonly Target[]): Machine {
  const versions: Record<string, string> = { Offhook: offhookVersion() };
  for (const { packageName, title } of targets) {
    if (packageName !== undefined) versions[title.replace(/ --.*/, "")] = versionOf(packageName) ?? "unknown";
  }
  versions["twilio"] = versionOf("twilio") ?? "unknown";
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${systemType()} ${release().split("-")[0]}`,
    node: process.versions.node,
    loadTool:
      tool === "wrk" ? "wrk" : `Autocannon ${versionOf("autocannon") ?? ""}, which knows whole milliseconds only`,
    versions,
    remarks: [...new Set(targets.flatMap(({ remark }) => remark ?? []))],
  };
}

/** The commit, if there is one. */
function offhookVersion(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", args, {
        cwd: repositoryFolder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    const changes = git("status", "--porcelain", "--", "packages");
    return `of commit ${git("rev-parse", "--short", "HEAD")}${changes === "" ? "" : " with changes"}`;
  } catch {
    return "of this folder";
  }
}
