/**
 * A server that answers the soak's plain requests, and has the faults that its further arguments name. Tests use it to
 * show that the soak finds them.
 */
import { spawn } from "node:child_process";
import { appendFileSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";

export type Fault =
  | "mixes-up-answers"
  | "drops-connections"
  | "keeps-silent"
  | "tells-errors"
  | "refuses"
  | "leaks-memory"
  | "leaks-descriptors"
  | "stops-answering"
  | "is-not-well"
  | "runs-twice"
  | "forgets-variables"
  | "leaves-a-child"
  | "leaves-a-file"
  | "ends-badly"
  | "does-not-end"
  | "dies"
  | "prints-something";

serve(Number(process.argv[2]), new Set(process.argv.slice(3) as Fault[]));

function serve(port: number, faults: ReadonlySet<Fault>): void {
  const held: unknown[] = [];
  let asked = 0;
  let before = "";

  const variable = (name: string): string =>
    new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(".env", "utf8"))?.[1] ?? "";

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "", "http://fake");
    if (url.pathname === "/_offhook/health")
      return send(response, faults.has("is-not-well") && asked > 0 ? 503 : 200, "{}");
    asked += 1;
    const nonce = url.searchParams.get("nonce") ?? "";
    // Each fault affects other requests.
    const isDue = (rest: number): boolean => asked % 50 === rest;
    if (faults.has("drops-connections") && isDue(0)) return void request.socket.destroy();
    if (faults.has("keeps-silent") && asked === 50) return;
    if (faults.has("tells-errors") && isDue(7)) return send(response, 500, "crashed", "isolate-crashed");
    if (faults.has("refuses") && isDue(14)) return send(response, 429, "too many", "too-many-invocations");
    if (faults.has("leaks-memory")) held.push(Buffer.alloc(30_000, 1));
    if (faults.has("leaks-descriptors") && isDue(21)) openSync("package.json", "r");
    // Longer than the soak allows. It sleeps, so that a busy machine cannot make it shorter.
    if (faults.has("stops-answering") && asked === 400)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    if (faults.has("leaves-a-child") && asked === 1)
      spawn("sleep", ["600"], { detached: true, stdio: "ignore" }).unref();
    if (faults.has("leaves-a-file") && asked === 1) writeFileSync(join(process.env["TMPDIR"] ?? "", "left"), "");
    if (faults.has("dies") && asked === 400) process.exit(0);
    if (url.pathname === "/once") {
      for (let run = faults.has("runs-twice") ? 0 : 1; run < 2; run += 1)
        appendFileSync(variable("ONCE_FILE"), `${nonce}\n`);
      return send(response, 200, `once ${nonce}`);
    }
    const answered = faults.has("mixes-up-answers") && isDue(28) ? before : nonce;
    before = nonce;
    const generation = Number(variable("GENERATION")) - (faults.has("forgets-variables") ? 1 : 0);
    send(response, 200, `plain ${answered} ${generation}`);
  };

  createServer(answer).listen(port, "127.0.0.1");
  if (faults.has("prints-something")) console.log("(node:1) MaxListenersExceededWarning");
  process.on("SIGTERM", () => {
    if (!faults.has("does-not-end")) process.exit(faults.has("ends-badly") ? 1 : 0);
  });
}

function send(response: ServerResponse, status: number, text: string, code?: string): void {
  response.writeHead(status, { "content-length": text.length, ...(code !== undefined && { "x-offhook-error": code }) });
  response.end(text);
}
