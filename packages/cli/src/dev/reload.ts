/**
 * Passes changes of the project on to the server: completely, or not at all.
 *
 *     serving ──a file changes──▶ settling ──no more changes──▶ reading ──▶ serving
 *                 requests wait from here ─────────────────────────────── to here
 *
 * Running invocations finish with the code that they started with.
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
/** An empty file was probably just opened for writing. */
const emptyMs = 200;
/** The longest wait for files to settle, because requests wait too. */
const maxSettleMs = 3_000;

export class Reload {
  readonly #server: Pick<ServedProject, "update" | "hold">;
  /** The settings that the server started with. */
  readonly #settings: Settings;
  readonly #readSettings: () => Promise<Settings>;
  #project: Project;
  readonly #changed = new Set<string>();
  #release: (() => void) | undefined;
  #beganAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Size and time of the changed files at the last check. */
  #lastStates = "";
  #isReading = false;
  /** A restart reads everything again, whatever has changed. */
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

  /** The service as last read. */
  get service(): Service {
    return this.#project.service;
  }

  /** Reads everything again, and serves it from new isolates. */
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

  /** The files are settled if two checks find the same, and no file has just become empty. */
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
      // Settings that locate files apply at once. The others need a restart of the server.
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
      const message = `Could not reload, so the last version is still served: ${reason}`;
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

/** Settings that each reload reads again. */
const readEachTime = new Set<string>(["env", "functionsFolder", "assetsFolder", "assetLimit", "privateAssetLimit"]);

function reportSettings(service: string, before: Settings, after: Settings): void {
  const changed = (Object.keys(after) as (keyof Settings)[]).filter((key) => {
    return !readEachTime.has(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  });
  if (changed.length === 0) return;
  const message = `Changed settings: ${changed.join(", ")}. They take effect when you stop the server and start it again.`;
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
