/**
 * Asks Twilio whether the token of a Flex worker is valid (contract 1.4).
 */
import type { request as HttpsRequest } from "node:https";
import { clock } from "./clock.ts";

/** Twilio's answer: the worker to whom the token belongs. */
export interface TokenResult {
  readonly valid: boolean;
  readonly code?: number;
  readonly message?: string | null;
  /** ISO 8601. */
  readonly expiration?: string;
  readonly realm_user_id?: string;
  readonly identity?: string;
  /** `admin`, `supervisor`, `agent`, and the account's own names. */
  readonly roles?: readonly string[];
  readonly worker_sid?: string;
  readonly [field: string]: unknown;
}

export interface TokenServiceRequest {
  /** Without a path: `https://iam.twilio.com`. */
  readonly url: string;
  readonly accountSid: string;
  readonly username: string;
  readonly password: string;
  readonly token: unknown;
  readonly timeoutMs: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Node's HTTP client for a URL. Not imported, because it takes longer to load than this whole package, and most
 * functions do not need it. Functions that check tokens load it while they load.
 */
export function requesterFor(url: string): typeof HttpsRequest {
  return process.getBuiltinModule(url.startsWith("http:") ? "node:http" : "node:https").request;
}

/** Maximum length of an answer. Real ones are far shorter. */
const answerBytes = 1_000_000;

/**
 * @returns the service's answer for a valid token.
 * @throws TokenRefusal for any other answer. Its reason is `undefined` or `null` if the service gives none.
 */
export async function validateToken(request: TokenServiceRequest): Promise<TokenResult> {
  const { status, text } = await withinTime(request);
  const parsed = JSON.parse(text) as Partial<TokenResult> | null;
  const isGood = status >= 200 && status < 300;
  if (isGood && parsed?.valid) return parsed as TokenResult;
  throw new TokenRefusal(
    isGood || !parsed?.valid ? parsed?.message : `The token service answered with status ${status}`,
  );
}

/** The service refused the token. The reason becomes the body of the reply, whatever its type. */
export class TokenRefusal extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("The token was refused");
    this.reason = reason;
  }
}

async function withinTime(request: TokenServiceRequest): Promise<Answer> {
  const controller = new AbortController();
  const error = new Error(`The token service did not answer within ${Math.round(request.timeoutMs)} ms`);
  const callOff = clock().alarm(request.timeoutMs, () => controller.abort(error));
  try {
    return await send(request, controller.signal);
  } catch (failure) {
    throw controller.signal.aborted ? error : failure;
  } finally {
    callOff();
  }
}

async function send(request: TokenServiceRequest, signal: AbortSignal): Promise<Answer> {
  const { url, accountSid, username, password, token } = request;
  const target = new URL(`/v1/Accounts/${encodeURIComponent(accountSid)}/Tokens/validate`, url);
  const body = Buffer.from(JSON.stringify({ token }));
  const headers = {
    Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
    "Cache-Control": "no-cache",
    "Content-Type": "application/json",
    "Content-Length": body.length,
  };
  const open = requesterFor(target.href);
  return await new Promise((resolve, reject) => {
    // A connection that ended with neither answer nor error, as after a 101, emits no event when it is aborted.
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    const outgoing = open(target, { method: "POST", headers, signal }, (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > answerBytes) incoming.destroy(new Error("The token service's answer is too long"));
        chunks.push(chunk);
      });
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // The service may close an idle connection at the moment when it is reused. It has then not received the request.
      if (outgoing.reusedSocket && error.code === "ECONNRESET") send(request, signal).then(resolve, reject);
      else reject(error);
    });
    outgoing.end(body);
  });
}
