/**
 * A tunnel without a service behind it. It prints the output of a real one, and passes requests to its own port on to
 * the server, like calls of the public address. Usage: `fake-tunnel.ts <kind> <port>`, with optional variables:
 *
 *   FAKE_TUNNEL_HOSTS   a file with one host per line: each start takes the next
 *   FAKE_TUNNEL_SILENT  prints no address
 *
 * It does not read its input. Requests to its own port control it: `/_fake/exit?code=1`, `/_fake/say?line=…`. It first
 * prints that port and its process id.
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tunnelHosts, tunnelOutput, type TunnelKind } from "./tunnel-output.ts";

const [kind, port] = process.argv.slice(2) as [TunnelKind, string];
const host = nextHost();

// Like the child of a wrapper script. It must not be left behind.
const helper = spawn("sleep", ["600"], { stdio: "inherit" });

const server = createServer((incoming, outgoing) => {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://fake");
  if (pathname === "/_fake/exit") process.exit(Number(searchParams.get("code")));
  if (pathname === "/_fake/say") {
    process.stderr.write(`${searchParams.get("line")}\n`);
    outgoing.end();
    return;
  }
  const headers = { ...incoming.headers, host, "x-forwarded-proto": "https", "x-forwarded-host": host };
  const inner = request({ host: "127.0.0.1", port, method: incoming.method, path: incoming.url, headers }, (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(outgoing);
  });
  inner.on("error", () => outgoing.writeHead(502).end());
  incoming.pipe(inner);
});

server.listen(0, "127.0.0.1", () => {
  const { port: own } = server.address() as AddressInfo;
  process.stdout.write(`fake tunnel: port ${own}, process ${process.pid}, helper ${helper.pid}\n`);
  if (process.env["FAKE_TUNNEL_SILENT"] !== undefined) return;
  // cloudflared writes to standard error.
  const out = kind === "cloudflared" ? process.stderr : process.stdout;
  for (const line of tunnelOutput[kind](host, port)) out.write(`${line}\n`);
});

function nextHost(): string {
  const file = process.env["FAKE_TUNNEL_HOSTS"];
  if (file === undefined) return tunnelHosts[kind];
  const [first = "", ...rest] = readFileSync(file, "utf8").split("\n");
  if (rest.length > 0) writeFileSync(file, rest.join("\n"));
  return first;
}
