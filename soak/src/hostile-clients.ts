import { gzipSync } from "node:zlib";
import type { LoadClient } from "./load-client.ts";
import type { Connection } from "./connection.ts";
import type { TestRequest, RequestKind } from "./kind.ts";
import { crashing } from "./kinds/ill-behaved.ts";
import { wellBehaved } from "./kinds/well-behaved.ts";
import { pause } from "./pause.ts";
import type { Random } from "./random.ts";
import { jsonText, requestText } from "./request.ts";

interface ClientContext {
  readonly loadClient: LoadClient;
  readonly connection: Connection;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface HostileClient {
  readonly name: string;
  readonly weight: number;
  /**
   * Outcomes that are allowed: statuses, or `closed` for a connection that was closed without an answer. Absent for a
   * client that keeps the rules: its requests are judged like all others.
   */
  readonly allowed?: readonly string[];
  /** @returns a status, or `left` if the client disconnected. @throws LostError */
  run(scene: ClientContext): Promise<string>;
}

/** Writes, and waits for the status. */
function sends(
  name: string,
  allowed: readonly string[],
  bytes: (port: number, random: Random) => string | Buffer,
): HostileClient {
  return {
    name,
    weight: 3,
    allowed,
    run: async ({ loadClient, connection, random }) => {
      const { status } = await connection.request(bytes(loadClient.options.context.port, random));
      return String(status);
    },
  };
}

function rubbish(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.whole(0, 255)));
}

function chunked(port: number, chunk: string, count: number): string {
  const head = `POST /plain HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  return `${head}${`${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(count)}0\r\n\r\n`;
}

/** 32 MB of JSON in 32 kB. Each character is a byte. */
const bomb = gzipSync(`{"a":"${"0".repeat(32 * 2 ** 20)}"}`).toString("latin1");

const refusedOrClosed = ["400", "closed"];

const provoking: readonly HostileClient[] = [
  sends("rubbish", refusedOrClosed, (_port, random) =>
    Buffer.concat([rubbish(random, random.whole(1, 2000)), Buffer.from("\r\n\r\n")]),
  ),
  sends("tls", refusedOrClosed, (_port, random) =>
    Buffer.concat([Buffer.from([22, 3, 1, 2, 0]), rubbish(random, 512)]),
  ),
  sends(
    "smuggled",
    refusedOrClosed,
    (port) =>
      `POST /plain HTTP/1.1\r\nHost: a:${port}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /form HTTP/1.1\r\n`,
  ),
  sends("two-hosts", ["400"], (port) => requestText(port, "/plain", { headers: { host: "elsewhere" } })),
  sends("long-headers", ["431"], (port) => requestText(port, "/plain", { headers: { "X-Long": "x".repeat(20_000) } })),
  sends("huge-headers", ["431", "400", "closed"], (port) =>
    requestText(port, "/plain", { headers: { "X-Huge": "x".repeat(400_000) } }),
  ),
  sends("many-headers", ["431"], (port) =>
    requestText(port, "/plain", {
      headers: Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`x-${index}`, "1"])),
    }),
  ),
  sends("large-body", ["413"], (port) => requestText(port, "/plain", { body: "x".repeat(2 * 2 ** 20) })),
  sends("large-chunked-body", ["413"], (port) => chunked(port, "x".repeat(65_536), 32)),
  {
    name: "half-a-request",
    weight: 3,
    allowed: ["400", "408", "closed"],
    run: ({ loadClient, connection }) => {
      const status = connection.request(requestText(loadClient.options.context.port, "/plain").slice(0, 30));
      connection.finish();
      return status.then(({ status: number }) => String(number));
    },
  },
  {
    // Holds a connection until the server closes it.
    name: "slowloris",
    weight: 1,
    allowed: ["408", "closed"],
    run: async ({ loadClient, connection, signal }) => {
      const head = `GET /plain HTTP/1.1\r\nHost: 127.0.0.1:${loadClient.options.context.port}\r\n`;
      const answer = connection.request(head).then(
        ({ status }) => String(status),
        () => "closed",
      );
      for (;;) {
        const got = await Promise.race([answer, pause(500, signal)]);
        if (typeof got === "string") return got;
        if (!got) return "left";
        connection.write("X-More: 1\r\n");
      }
    },
  },
  {
    name: "gone-before-the-reply",
    weight: 10,
    allowed: [],
    run: async ({ loadClient, connection, random, signal }) => {
      const path = random.pick([
        "/plain?nonce=gone",
        "/nap?ms=100&nonce=gone",
        "/large?times=20000&nonce=gone",
        "/known.txt",
      ]);
      connection.request(requestText(loadClient.options.context.port, path)).catch(() => undefined);
      await pause(random.whole(0, 20), signal);
      if (random.next() < 0.5) connection.reset();
      else connection.close();
      return "left";
    },
  },
  {
    name: "gone-within-the-body",
    weight: 5,
    allowed: [],
    run: async ({ loadClient, connection, random, signal }) => {
      const whole = jsonText(loadClient.options.context.port, "/sum", { nonce: "gone", text: "x".repeat(100_000) });
      connection.request(whole.slice(0, random.whole(200, 90_000))).catch(() => undefined);
      await pause(random.whole(0, 20), signal);
      if (random.next() < 0.5) connection.reset();
      else connection.close();
      return "left";
    },
  },
  {
    name: "says-nothing",
    weight: 2,
    allowed: [],
    run: async ({ connection, random, signal }) => {
      connection.expect().catch(() => undefined);
      await pause(random.whole(100, 3000), signal);
      return "left";
    },
  },
];

const quick = wellBehaved.filter(({ name }) =>
  ["plain", "form", "response", "json", "twiml", "asset", "timer"].includes(name),
);
const large = wellBehaved.filter(({ name }) => name === "large-reply");
const throwing = crashing.filter(({ name }) => name === "crash-throw" || name === "crash-exit");

/** Several requests in one write. Each must get its own answer, in order. */
async function pipeline(
  { loadClient, connection, random }: ClientContext,
  kinds: readonly RequestKind[],
): Promise<string> {
  await Promise.all(kinds.map((kind) => loadClient.send(connection, kind, random)));
  return "left";
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Bodies that are hard to parse. The isolate parses them, and chaos may kill it meanwhile, like any other. */
function hard(
  name: string,
  headers: Readonly<Record<string, string>>,
  makeBody: () => string,
  refusal?: Pick<TestRequest, "status" | "code">,
): HostileClient {
  const kind: RequestKind = {
    name,
    group: "hostile",
    weight: 0,
    makeRequest: ({ port }) => ({
      bytes: requestText(port, "/plain", { headers, body: makeBody() }),
      status: 200,
      ...refusal,
    }),
  };
  return { name, weight: 3, run: (scene) => pipeline(scene, [kind]) };
}

const json = { "Content-Type": "application/json" };

/** They keep the rules. */
const trying: readonly HostileClient[] = [
  hard("gzip-bomb", { ...json, "Content-Encoding": "gzip" }, () => bomb, { status: 413, code: "request-too-large" }),
  hard("deep-json", json, () => `${"[".repeat(100_000)}${"]".repeat(100_000)}`),
  hard("many-keys", { "Content-Type": "application/x-www-form-urlencoded" }, () =>
    times(50_000, (index) => `k${index}=1`).join("&"),
  ),
  {
    name: "pipelined",
    weight: 8,
    run: (scene) =>
      pipeline(
        scene,
        times(10, () => scene.random.pick(quick)),
      ),
  },
  {
    name: "pipelined-with-a-crash",
    weight: 1,
    run: (scene) =>
      pipeline(scene, [
        ...times(3, () => scene.random.pick(quick)),
        scene.random.pick(throwing),
        ...times(3, () => scene.random.pick(quick)),
      ]),
  },
  {
    name: "reads-late",
    weight: 3,
    run: async (scene) => {
      const answers = pipeline(
        scene,
        times(5, () => scene.random.pick(large)),
      );
      scene.connection.pause(true);
      await pause(scene.random.whole(100, 1500), scene.signal);
      scene.connection.pause(false);
      return answers;
    },
  },
];

export const hostileClients: readonly HostileClient[] = [...provoking, ...trying];
