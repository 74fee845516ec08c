/** The folder that a hardened isolate may write to: its own, and gone with it. */
import { chownSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IsolateUser } from "./isolate-user.ts";

export class Scratch {
  readonly folder: string;

  constructor(user: IsolateUser | undefined) {
    this.folder = mkdtempSync(join(tmpdir(), "offhook-scratch-"));
    if (user !== undefined) chownSync(this.folder, user.uid, user.gid);
  }

  /** Whatever is in it. What cannot be removed is left to whoever cleans the folder of temporary files. */
  remove(): void {
    rm(this.folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
