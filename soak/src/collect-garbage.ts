/**
 * Loaded into the gateway before it starts: at SIGUSR2 it collects all garbage and writes down what is left. That is
 * what is held, so that a leak of a few bytes a request is seen among megabytes of garbage that is nobody's fault.
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
  // What was held by finalizers goes with the second.
  setImmediate(() => {
    collect();
    times += 1;
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(`${file}.new`, JSON.stringify({ times, heapBytes: heapUsed + external }));
    renameSync(`${file}.new`, file);
  });
});
