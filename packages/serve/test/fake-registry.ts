/** A registry of packages on loopback, with packages that are made in the test. */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";

export interface FakePackage {
  readonly name: string;
  readonly version: string;
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Path → content. A link has its target after an arrow: `-> ../outside`. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface FakeRegistry {
  readonly url: string;
  /** The `authorization` headers that arrived. */
  readonly credentials: ReadonlySet<string>;
  /** Number of archives that were sent. */
  archives(): number;
  /** Answers nothing from then on. */
  fallSilent(): void;
  /** Answers everything with this status from then on. */
  failWith(status: number): void;
  /** Resolves when the next request has arrived. */
  nextRequest(): Promise<void>;
}

export async function startRegistry(t: TestContext, packages: readonly FakePackage[]): Promise<FakeRegistry> {
  const credentials = new Set<string>();
  const archives = new Map<string, Buffer>();
  let sent = 0;
  let isSilent = false;
  let failure: number | undefined;
  let next = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    credentials.add(request.headers.authorization ?? "none");
    next.resolve();
    if (isSilent) return;
    if (failure !== undefined) {
      response.writeHead(failure).end();
      return;
    }
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    const archive = archives.get(path);
    if (archive !== undefined) {
      sent += 1;
      response.end(archive);
      return;
    }
    const versions = packages.filter(({ name }) => name === path);
    if (versions.length === 0) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Not found"}');
      return;
    }
    const { port } = server.address() as AddressInfo;
    const described = versions.map((each) => {
      const file = `${each.name}/-/${each.version}.tgz`;
      const bytes = archives.get(file) ?? archiveOf(each);
      archives.set(file, bytes);
      const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
      const dist = { tarball: `http://127.0.0.1:${port}/${file}`, integrity };
      return [each.version, { name: each.name, version: each.version, ...each.manifest, dist }];
    });
    const latest = versions.at(-1)?.version;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name: path, "dist-tags": { latest }, versions: Object.fromEntries(described) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    credentials,
    archives: () => sent,
    fallSilent() {
      isSilent = true;
    },
    failWith(status) {
      failure = status;
    },
    async nextRequest() {
      next = Promise.withResolvers();
      await next.promise;
    },
  };
}

function archiveOf({ name, version, manifest, files = {} }: FakePackage): Buffer {
  const all = { "package.json": JSON.stringify({ name, version, ...manifest }), ...files };
  const entries = Object.entries(all).map(([path, content]) => {
    const target = /^-> (.*)$/.exec(content)?.[1];
    return tarEntry(`package/${path}`, target === undefined ? Buffer.from(content) : Buffer.alloc(0), target);
  });
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
}

/** One entry in the format ustar. */
function tarEntry(path: string, content: Buffer, target = ""): Buffer {
  const header = Buffer.alloc(512);
  const write = (text: string, at: number, length: number): void => void header.write(text, at, length, "latin1");
  write(path, 0, 100);
  write("0000755\0", 100, 8);
  write("0000000\0", 108, 8);
  write("0000000\0", 116, 8);
  write(`${content.length.toString(8).padStart(11, "0")}\0`, 124, 12);
  write("00000000000\0", 136, 12);
  write("        ", 148, 8);
  write(target === "" ? "0" : "2", 156, 1);
  write(target, 157, 100);
  write("ustar\0", 257, 6);
  write("00", 263, 2);
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
