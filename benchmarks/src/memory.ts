/**
 * Memory as PSS, in bytes: pages that several processes share are divided among them, so that a sum over processes
 * counts each page once. Only Linux reports it.
 */
import { readFileSync } from "node:fs";
import { treeOf } from "./process-tree.ts";

export const canMeasureMemory = process.platform === "linux";

export interface TreeMemory {
  /** The process that was started. */
  readonly root: number;
  /** All processes that it started, together. */
  readonly others: number;
  readonly total: number;
  /** How many processes it started. */
  readonly children: number;
}

export function memoryOf(root: number): TreeMemory {
  const sizes = treeOf(root).map((pid) => ({ pid, bytes: pssOf(pid) }));
  const rootBytes = sizes.find(({ pid }) => pid === root)?.bytes ?? 0;
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    root: rootBytes,
    others: total - rootBytes,
    total,
    children: sizes.filter(({ bytes }) => bytes > 0).length - 1,
  };
}

/** 0 for a process that has exited. */
function pssOf(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
