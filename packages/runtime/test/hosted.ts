/** Serves several services on one host for real, with processes and sockets. */
import { request as httpRequest, type Agent } from "node:http";
import type { TestContext } from "node:test";
import { Host } from "../src/host/host.ts";
import { limitsOf, type HostLimits } from "../src/host/host-limits.ts";
import type { TenancyOptions } from "../src/host/tenancy.ts";
import { loadProject } from "../src/project/project.ts";
import { resolveSettings, type Settings } from "../src/settings/settings.ts";
import { writeProject } from "./site.ts";

export interface Hosted {
  readonly host: Host;
  readonly port: number;
  call(name: string, path: string, options?: HostedCall): Promise<HostedReply>;
}

interface HostedCall {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

export interface HostedReply {
  readonly status: number;
  readonly text: string;
  readonly code: string | undefined;
}

/** A host on a free port, without services. */
export async function startHost(t: TestContext, limits: Partial<HostLimits> = {}): Promise<Hosted> {
  const host = new Host({ limits: { ...limitsOf(resolveSettings(), Infinity), ...limits }, healthPath: false });
  const { port } = await host.listen("127.0.0.1", 0);
  t.after(() => host.kill());
  return { host, port, call: (name, path, options) => callHost(port, name, path, options) };
}

/** A project made for one test, as a host receives it. */
export async function tenancyOf(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  settings: Partial<Settings> = {},
): Promise<TenancyOptions> {
  const { service } = await loadProject(await writeProject(t, files));
  return { service, settings: { ...resolveSettings(), spares: 1, ...settings } };
}

function callHost(port: number, name: string, path: string, options: HostedCall = {}): Promise<HostedReply> {
  const { body, agent } = options;
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const headers = {
      ...options.headers,
      host: name,
      ...(body !== undefined && { "content-type": "text/plain", "content-length": Buffer.byteLength(body) }),
    };
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers, agent: agent ?? false }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      reply.on("error", reject);
      reply.on("end", () => {
        const code = reply.headers["x-offhook-error"];
        resolve({ status: reply.statusCode ?? 0, text, code: code === undefined ? undefined : String(code) });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}
