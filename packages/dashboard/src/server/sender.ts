/**
 * Sends the dashboard's requests to the server over a socket, so that they are handled like all other requests.
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
import { checkCharacters } from "./api-request.ts";
import { requestOf, withoutAddress, type Original } from "./original.ts";
import { withSecrets, type EditedRequest, type FilledRequest } from "./secret-filler.ts";

export interface SenderParts {
  /** The address of the server. */
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

  /**
   * @param edited the request that the author edited, if it is still in memory.
   * @throws ApiError if the request cannot be sent.
   */
  async send(request: SendRequest, edited?: EditedRequest): Promise<SendResult> {
    const { target, method, headers = [], fields, body, isSigned } = this.#filled(request, edited);
    const encoded =
      fields && new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
    const hasType = headers.some(([name]) => name.toLowerCase() === "content-type");
    const typed: readonly Header[] = encoded === undefined || hasType ? headers : [["content-type", form], ...headers];
    const bytes = encoded === undefined && typeof body === "object" ? body : Buffer.from(encoded ?? body ?? "");
    return await this.#send({ method, target, headers: typed, body: bytes }, isSigned);
  }

  #filled(request: SendRequest, edited: EditedRequest | undefined): FilledRequest {
    if (request.secrets === undefined) return request;
    const filled = withSecrets(request, edited, this.#parts.variables());
    checkCharacters(filled);
    return filled;
  }

  /** Sends a request again. It is signed again if it was signed. @throws ApiError if the request cannot be sent. */
  async repeat({ method, target, headers, body }: Original): Promise<SendResult> {
    const isSigned = headers.some(([name]) => name.toLowerCase() === "x-twilio-signature");
    return await this.#send({ method, target, headers: isSigned ? withoutAddress(headers) : headers, body }, isSigned);
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
          ? "Cannot sign the request: .env has no AUTH_TOKEN. Add one: any value works here."
          : "Cannot sign this form: it has more than 1,000 parameters, or its text is invalid in its charset.";
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
      // Node reports the response to a CONNECT as an event of its own.
      request.on("connect", (_reply, socket) => {
        socket.destroy();
        reject(new ApiError(502, "not-sent", "The reply to a CONNECT request cannot be shown."));
      });
      request.on("error", (error: Error) => {
        reject(new ApiError(502, "not-sent", `The server closed the connection: ${error.message}`));
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
