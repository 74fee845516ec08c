/**
 * Loaded into the gateway before it starts. At SIGUSR2, it collects all garbage and writes the size of the rest to a
 * file. That size shows a leak of a few bytes per request, which megabytes of normal garbage would hide.
 */
import { renameSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
setFlagsFromString("--no-expose-gc");

const file = process.env["SOAK_HEAP_FILE"] ?? "";
let times = 0;

process.on("SIGUSR2", () => {
  collect();
  // The second collection frees objects that finalizers held.
  setImmediate(() => {
    collect();
    times += 1;
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(`${file}.new`, JSON.stringify({ times, heapBytes: heapUsed + external }));
    renameSync(`${file}.new`, file);
  });
});
