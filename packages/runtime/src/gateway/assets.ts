/**
 * Sends a public or protected asset (contract §9, rows 143 to 147 and 150): type, ETag, ranges, conditional requests.
 */
import { close, open, read, realpath, type Stats } from "node:fs";
import { createRequire } from "node:module";
import type { Readable } from "node:stream";
import type Send from "send";
import type { ReplyErrorCode } from "../errors.ts";
import { noteYoungGarbage } from "../garbage.ts";
import { pagesFor } from "../page-memory.ts";
import { requestIdHeader } from "../reply-headers.ts";
import type { AssetResource } from "../service.ts";
import { endExchange, type Failure } from "./exchange-end.ts";
import type { Exchange } from "./exchange.ts";
import { refuse } from "./refusal.ts";

const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** Loaded with the first asset: its table of media types takes 70 ms, which would delay the start. */
let loadedSend: typeof Send | undefined;

function sendFile(...args: Parameters<typeof Send>): ReturnType<typeof Send> {
  loadedSend ??= createRequire(import.meta.url)("send") as typeof Send;
  return loadedSend(...args);
}

/** A file is read in pieces of this size, and in smaller ones if the gateway already holds many bytes. */
const pieceBytes = 65_536;
const smallPieceBytes = 16_384;
/**
 * Pieces of a file in memory while it is sent: one that is being read, one that was read, one that waits for the
 * client.
 */
const piecesHeld = 3;

/** `send` passes options that it does not know to `createReadStream`. */
type SendOptions = Send.SendOptions & { readonly highWaterMark: number; readonly fs?: typeof pagedFiles };

/** Reads into separate pages, which go back to the system, and not into the stream's buffer from `malloc`. */
const pagedFiles = {
  open,
  close,
  read(
    descriptor: number,
    _buffer: Buffer,
    _offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytes: number, buffer: Buffer) => void,
  ): void {
    const pages = pagesFor(length);
    read(descriptor, pages, 0, length, position, (error, bytes) => done(error, bytes, pages.subarray(0, bytes)));
  },
};

interface SendError extends Error {
  readonly status?: number;
}

/**
 * Serves any method that gets this far, including POST (row 150). Ends the exchange when the socket has the last byte
 * or the client is gone.
 */
export function sendAsset(exchange: Exchange, asset: AssetResource): void {
  // The path was resolved at start. If it resolves to another file now, someone put a link in its place, and the
  // link may lead out of the assets folder.
  realpath(asset.file, (error, file) => {
    if (error !== null) {
      const code = isGone(error) ? "not-found" : "asset-unreadable";
      refuse(exchange, code, { detail: `${asset.file}: ${error.message}` });
    } else if (file !== asset.file) {
      refuse(exchange, "asset-unreadable", { detail: `${asset.file} now leads to ${file}` });
    } else {
      streamInTurn(exchange, asset);
    }
  });
}

function isGone(error: NodeJS.ErrnoException): boolean {
  return error.code === "ENOENT" || error.code === "ENOTDIR";
}

/** If earlier replies are due on the connection, the file is opened later. It would stay open until they are out. */
function streamInTurn(exchange: Exchange, asset: AssetResource): void {
  const { response, connection } = exchange;
  if (response.socket !== null || response.destroyed || connection.socket.destroyed) return stream(exchange, asset);
  const onGone = (): void => endExchange(exchange, 200, 0);
  connection.onGone ??= new Set();
  connection.onGone.add(onGone);
  response.once("socket", () => {
    connection.onGone?.delete(onGone);
    stream(exchange, asset);
  });
}

function stream(exchange: Exchange, asset: AssetResource): void {
  const { request, response } = exchange;
  let failure: Failure | undefined;

  if (response.destroyed || exchange.connection.socket.destroyed) {
    endExchange(exchange, 200, 0);
    return;
  }
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader(requestIdHeader, exchange.requestId);
  // A shared cache must not give a protected asset to a later caller without a signature.
  response.setHeader("cache-control", `${asset.visibility === "public" ? "public" : "private"}, max-age=0`);
  if (exchange.traffic.isDraining) response.setHeader("connection", "close");

  let isEnded = false;
  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    const length = request.method === "HEAD" ? 0 : Number(response.getHeader("content-length") ?? 0);
    endExchange(exchange, response.statusCode, length, failure);
  };
  // `close` comes after the last byte and after an abort. An error of the client's socket needs no other treatment.
  response.on("close", end);
  response.on("error", () => undefined);

  const fail = (code: ReplyErrorCode, detail: string): void => {
    if (response.headersSent) {
      // Half of the file is out. Only the cut connection shows the client that the rest is missing.
      failure = { code, detail };
      response.destroy();
      return;
    }
    isEnded = true;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    refuse(exchange, code, { detail });
  };

  const { isTight } = exchange.traffic.held;
  const highWaterMark = isTight ? smallPieceBytes : pieceBytes;
  // `send` decodes its path.
  sendFile(request, encodeURI(asset.file), {
    dotfiles: "allow",
    index: false,
    highWaterMark,
    ...(isTight && { fs: pagedFiles }),
  } as SendOptions)
    .on("file", (_path: string, stats: Stats) => {
      // Opening a named pipe would block one of the few threads for files until another process writes to it.
      if (!stats.isFile()) return fail("asset-unreadable", `${asset.file} is no longer a file`);
      exchange.traffic.held.holdReply(exchange.connection, response, Math.min(stats.size, piecesHeld * highWaterMark));
    })
    .on("stream", (file: Readable) => {
      file.on("data", (chunk: Buffer) => {
        if (exchange.traffic.held.isTight) noteYoungGarbage(chunk.length);
      });
    })
    .on("error", (error: SendError) => {
      // The exchange has ended, so `send` naturally fails.
      if (isEnded) return;
      if (error.status === 412 || error.status === 416) answerUnsent(exchange, error.status);
      else fail(error.status === 404 ? "not-found" : "asset-unreadable", `${asset.file}: ${error.message}`);
    })
    .on("directory", () => fail("asset-unreadable", `${asset.file} is now a folder`))
    .pipe(response);
}

/**
 * A condition of the request is false, or its range is outside the file. This is normal, and not an error of the
 * ledger.
 */
function answerUnsent(exchange: Exchange, status: 412 | 416): void {
  const { response } = exchange;
  const message = `${STATUS_CODES[status]}`;
  response.removeHeader("content-length");
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": message.length,
  });
  response.end(message);
}
