/**
 * A change of the project reaches the server: whole, or not at all.
 *
 *     serving ──a file changes──▶ settling ──nothing moves any more──▶ reading ──▶ serving
 *                 requests wait from here ─────────────────────────────── to here
 *
 * What is in flight ends with the code that it began with.
 */
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { performance } from "node:perf_hooks";

import { notices } from "@offhook/runtime/observe";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { loadProject } from "@offhook/runtime/project";
import type { Project } from "@offhook/runtime/project";
import type { Service } from "@offhook/runtime/service";
import type { Settings } from "@offhook/runtime/settings";

import type { ServedProject } from "../serving.ts";
import { describeChange } from "../variable-watch.ts";

/** An editor writes a file in several steps. */
const settleMs = 20;
/** A file that is empty was probably just opened for writing. */
const emptyMs = 200;
/** Whoever writes for longer than this is not waited for: requests are. */
const maxSettleMs = 3_000;

export class Reload {
  readonly #server: Pick<ServedProject, "update" | "hold">;
  /** Those of the start: the server has them. */
  readonly #settings: Settings;
  readonly #readSettings: () => Promise<Settings>;
  #project: Project;
  readonly #changed = new Set<string>();
  #release: (() => void) | undefined;
  #beganAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Size and time of the changed files as of the last look. */
  #lastStates = "";
  #isReading = false;
  /** Somebody wants everything anew, whatever has changed. */
  #isRestartRequested = false;
  #isStopped = false;

  constructor(
    server: Pick<ServedProject, "update" | "hold">,
    project: Project,
    settings: Settings,
    readSettings = async (): Promise<Settings> => settings,
  ) {
    this.#server = server;
    this.#project = project;
    this.#settings = settings;
    this.#readSettings = readSettings;
  }

  /** As it was read last. */
  get service(): Service {
    return this.#project.service;
  }

  /** Everything is read anew, in new isolates. */
  restart(): void {
    this.#isRestartRequested = true;
    this.#begin();
  }

  onChange(file: string): void {
    this.#changed.add(file);
    this.#begin();
  }

  #begin(): void {
    if (this.#isStopped) return;
    if (this.#release === undefined) {
      this.#release = this.#server.hold();
      this.#beganAt = performance.now();
      this.#lastStates = "";
    }
    if (!this.#isReading) this.#scheduleRead();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#releaseRequests();
  }

  #scheduleRead(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#readWhenSettled(), settleMs);
  }

  /** Twice the same, and nothing empty that was filled a moment ago: it is settled. */
  async #readWhenSettled(): Promise<void> {
    this.#isReading = true;
    const states = await Promise.all([...this.#changed].map(stateOf));
    const now = states.map(({ text }) => text).join("\n");
    const isSettled = now === this.#lastStates && !states.some(({ isFreshlyEmpty }) => isFreshlyEmpty);
    this.#lastStates = now;
    if (isSettled || performance.now() - this.#beganAt > maxSettleMs) await this.#read();
    this.#isReading = false;
    if (this.#isDue && !this.#isStopped) this.#scheduleRead();
  }

  get #isDue(): boolean {
    return this.#isRestartRequested || this.#changed.size > 0;
  }

  async #read(): Promise<void> {
    const files = [...this.#changed];
    const isWanted = this.#isRestartRequested;
    this.#changed.clear();
    this.#isRestartRequested = false;
    const { folder, sid } = this.#project.service;
    const settingsFile = join(folder, "offhook.json");
    try {
      // What says where things are holds from now on; for the rest the server has to be started again.
      const settings = await this.#readSettings();
      const project = await loadProject(folder, settings);
      if (this.#isStopped) return;
      const before = this.#project.service.variables;
      this.#project = project;
      this.#server.update(project.service);
      const variables = describeChange(before, project.service.variables);
      const what = [
        namesOf(files, project.service.folder),
        ...(variables === undefined ? [] : [`variables ${variables}`]),
      ];
      if (isWanted || files.includes(settingsFile)) reportSettings(sid, this.#settings, settings);
      const tookMs = Math.round(performance.now() - this.#beganAt);
      const done = isWanted ? "Restarted" : "Reloaded";
      const changes = what.filter((each) => each !== "").join("; ");
      notices.publish({
        service: sid,
        level: "info",
        message: `${done} in ${tookMs} ms${changes === "" ? "" : `: ${changes}`}`,
      });
    } catch (error) {
      const code = error instanceof OffhookError ? error.code : undefined;
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The last version goes on being served: ${reason}`;
      notices.publish({ service: sid, level: "error", message, ...(code !== undefined && { code }) });
    } finally {
      if (!this.#isDue) this.#releaseRequests();
    }
  }

  #releaseRequests(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

/** What a project is read with, each time. */
const readEachTime = new Set<string>(["env", "functionsFolder", "assetsFolder", "assetLimit", "privateAssetLimit"]);

function reportSettings(service: string, before: Settings, after: Settings): void {
  const changed = (Object.keys(after) as (keyof Settings)[]).filter((key) => {
    return !readEachTime.has(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  });
  if (changed.length === 0) return;
  const message = `Not yet in use: ${changed.join(", ")}. The server has its settings from its start: stop it and start it again.`;
  notices.publish({ service, level: "warn", message });
}

interface FileState {
  readonly text: string;
  readonly isFreshlyEmpty: boolean;
}

async function stateOf(file: string): Promise<FileState> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { text: `${file} ${size} ${mtimeMs}`, isFreshlyEmpty: size === 0 && Date.now() - mtimeMs < emptyMs };
  } catch {
    return { text: `${file} gone`, isFreshlyEmpty: false };
  }
}

const maxNamed = 3;

function namesOf(files: readonly string[], folder: string): string {
  const names = files.map((file) => relative(folder, file)).toSorted();
  const rest = names.length - maxNamed;
  return names.slice(0, maxNamed).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
