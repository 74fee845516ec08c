/**
 * A dashboard on its own port, with parts that only record their calls, and one session.
 */
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import type { OpenRequest, SendRequest } from "@offhook/dashboard/api";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { ApiError } from "../../src/server/api-answer.ts";
import { createDashboard } from "../../src/server/dashboard.ts";
import { SavedRequests } from "../../src/server/saved-requests.ts";
import { KeptConversations } from "../../src/server/kept-conversations.ts";
import { OfferedFiles } from "../../src/server/offered-files.ts";
import { Sessions } from "../../src/server/sessions.ts";
import { Stream } from "../../src/server/stream.ts";
import { curlCommand } from "../../src/journal/curl.ts";
import { Journal } from "../../src/journal/journal.ts";
import { makeExchange } from "../journal/exchange.ts";

export interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export const json = { "content-type": "application/json" };

export async function serve(t: TestContext) {
  const folder = makeProject(t);
  const journal = await Journal.open(folder);
  const stream = new Stream();
  const sent: SendRequest[] = [];
  const opened: OpenRequest[] = [];
  const reply = { id: makeExchange(1).id, status: 200, headers: [], cookies: [], body: makeExchange(1).request.body };
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const sessions = new Sessions({ key: "k".repeat(43), port });
  const dashboard = createDashboard(
    {
      journal,
      running: (id) => (id === "RQrunning" ? makeExchange(7, { id }) : undefined),
      keepsSecrets: (id) => id === makeExchange(1).id,
      stream,
      version: "1.2.3",
      project: () => ({
        id: "ZS1",
        version: "1.2.3",
        name: "project",
        url: "http://localhost:3000",
        functions: [],
        assets: [],
        variables: [],
        hasEditor: true,
      }),
      curl: (exchange) => curlCommand(exchange, "http://localhost:3000"),
      saveTest: ({ id }) => Promise.resolve({ file: `test/${id}.test.js` }),
      savedRequests: new SavedRequests(folder, () => ({ AUTH_TOKEN: "0123456789abcdef" })),
      saveWrittenTest: ({ name }) => Promise.resolve({ file: `test/${name}` }),
      simulations: () => [],
      send: (request) => {
        sent.push(request);
        return Promise.resolve(reply);
      },
      replay: (id) => Promise.resolve(id === reply.id ? reply : undefined),
      offeredFiles: new OfferedFiles(`http://${host}`),
      conversations: new KeptConversations(),
      openFile: (request) => {
        opened.push(request);
        return request.file === "none" ? Promise.reject(new ApiError(404, "not-found", "none")) : Promise.resolve();
      },
    },
    { origin: `http://${host}`, sessions },
  );
  server.on("request", dashboard);
  t.after(() => {
    stream.stop();
    server.close();
    server.closeAllConnections();
  });
  const session = sessions.open();
  const cookie = `${sessions.cookieName}=${session.cookie}`;
  /** The headers that our page sends. */
  const admitted = { cookie, "x-offhook-token": session.token };
  /** This does not use `fetch`, because `fetch` does not let the test choose host and origin. */
  const call = async (
    method: string,
    path: string,
    { headers = {}, body = "" }: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<Reply> => {
    const request = ask({ host: "127.0.0.1", port, method, path, headers: { host, ...headers } }).end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
    return { status: response.statusCode, headers: response.headers, text };
  };
  const api = (method: string, path: string, body?: unknown): Promise<Reply> =>
    call(method, `/api/${path}`, {
      headers: { ...admitted, ...(body !== undefined && json) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return { folder, journal, stream, sent, opened, call, api, port, reply, sessions, session, cookie, admitted };
}
