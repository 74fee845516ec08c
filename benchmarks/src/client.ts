/** One request at a time, for checks and for single measurements. */
import { request as httpRequest, Agent } from "node:http";
import type { LoadRequest } from "./scenarios.ts";

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Without an agent, each request has its own connection. @throws if there is no reply. */
export function ask(port: number, load: LoadRequest, agent?: Agent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method, path, headers, body } = load;
    const length = body === "" ? {} : { "Content-Length": Buffer.byteLength(body) };
    const request = httpRequest(
      { host: "127.0.0.1", port, method, path, headers: { ...headers, ...length }, agent: agent ?? false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
        );
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

export function keepAliveAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}
