/**
 * Requests that the dashboard sends: over a socket, to the server as it is, so that what happens to them is what happens to all.
 */
import { request as openRequest, type IncomingMessage } from "node:http";

import { requestIdHeader } from "@offhook/runtime/internal/reply-headers";
import { isOffhookError } from "@offhook/runtime/offhook-error";

import type { Header, SendRequest, SendResult } from "../api.ts";
import type { TargetedRequest } from "../webhook/request.ts";
import { signed } from "../webhook/signing.ts";
import { Redaction } from "../journal/redaction.ts";
import { ApiError } from "./api-answer.ts";
import { bodyOf, pairsOf } from "./exchange-parts.ts";
import { requestOf, type Original } from "./original.ts";

export interface SenderParts {
  /** Where the server is, from here. */
  readonly address: { readonly host: string; readonly port: number };
  readonly publicUrl: () => string | undefined;
  readonly variables: () => Readonly<Record<string, string>>;
}

const form = "application/x-www-form-urlencoded";
const replyBytes = 8 * 1_048_576;

export class Sender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** @throws ApiError where it cannot be sent. */
  async send({ target, method, headers = [], fields, body, isSigned }: SendRequest): Promise<SendResult> {
    const encoded =
      fields && new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
    const hasType = headers.some(([name]) => name.toLowerCase() === "content-type");
    const typed: readonly Header[] = encoded === undefined || hasType ? headers : [["content-type", form], ...headers];
    return await this.#send({ method, target, headers: typed, body: Buffer.from(encoded ?? body ?? "") }, isSigned);
  }

  /** As it was; signed anew where it was signed. @throws ApiError where it cannot be sent. */
  async repeat({ method, target, headers, body }: Original): Promise<SendResult> {
    const isSigned = headers.some(([name]) => name.toLowerCase() === "x-twilio-signature");
    return await this.#send({ method, target, headers, body }, isSigned);
  }

  async #send(request: Original, isSigned: boolean): Promise<SendResult> {
    const { address } = this.#parts;
    const made = requestOf(request, `localhost:${address.port}`);
    const { "x-twilio-signature": _stale, ...headersOnce } = made.headers;
    const { target, headers } = isSigned ? this.#signed(made) : { ...made, headers: headersOnce };
    const reply = await this.#ask({ ...made, target, headers });
    return await this.#sent(reply);
  }

  #signed(request: TargetedRequest): TargetedRequest {
    try {
      return signed(request, this.#parts.publicUrl(), this.#parts.variables()["AUTH_TOKEN"]);
    } catch (error) {
      if (!isOffhookError(error)) throw error;
      const message =
        error.code === "signing-key-missing"
          ? "There is no AUTH_TOKEN in .env, with which it would be signed."
          : "This form has no signature. It has over 1,000 parameters, or it is not valid text in its charset.";
      throw new ApiError(409, error.code, message);
    }
  }

  #ask({ method, target, headers, body }: TargetedRequest): Promise<IncomingMessage> {
    const { host, port } = this.#parts.address;
    return new Promise((resolve, reject) => {
      const hasBody = body.length > 0 || method === "POST";
      const length = hasBody ? { "content-length": String(body.length) } : {};
      const options = { host, port, method, path: target, headers: { ...headers, ...length }, agent: false };
      const request = openRequest({ ...options, maxHeaderSize: 1_048_576 }, resolve);
      // What answers it is not told as a reply.
      request.on("connect", (_reply, socket) => {
        socket.destroy();
        reject(new ApiError(502, "not-sent", "A CONNECT has no reply that could be shown."));
      });
      request.on("error", (error: Error) => {
        reject(new ApiError(502, "not-sent", `The server broke the connection: ${error.message}`));
      });
      request.end(body);
    });
  }

  async #sent(reply: IncomingMessage): Promise<SendResult> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of reply as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= replyBytes) chunks.push(chunk);
    }
    const pairs = pairsOf(reply.rawHeaders);
    const redaction = new Redaction();
    redaction.setVariables(this.#parts.variables());
    const body = bodyOf(Buffer.concat(chunks), (text) => text, replyBytes);
    return {
      id: reply.headers[requestIdHeader]?.toString() ?? "",
      status: reply.statusCode ?? 0,
      headers: redaction.headers(pairs),
      body: { ...body, bytes: length, isCut: body.isCut || length > replyBytes },
      cookies: reply.headers["set-cookie"] ?? [],
    };
  }
}
