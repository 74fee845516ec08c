/**
 * A fake of Twilio's service that validates Flex tokens, on this machine (flex-helpers 1.4).
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { clock } from "../clock.ts";
import { withAsyncDispose } from "./disposal.ts";
import { fakeAccountSid, fakeAuthToken, fakeSid } from "./sid.ts";

export interface TokenServiceOptions {
  /** The Basic credentials that requests must have. By default those of `fakeContext()`. */
  readonly accountSid?: string;
  readonly authToken?: string;
  /** An API key that is accepted as well. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
}

interface IssuedToken {
  readonly identity?: string;
  /** By default `agent`. */
  readonly roles?: readonly string[];
  readonly workerSid?: string;
  readonly realmUserId?: string;
  /**
   * By default an hour, by the clock of `useFakeClock` if there is one. With 0 or less, the token has already expired.
   */
  readonly expiresInSeconds?: number;
}

interface TokenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface TokenService extends AsyncDisposable {
  /** Without a path. The helpers use the service if OFFHOOK_TOKEN_SERVICE_URL has this value. */
  readonly url: string;
  /** All requests received, the oldest first. */
  readonly requests: readonly TokenRequest[];
  /**
   * The variables that a function needs for this service: for `fakeContext({ ...tokens.variables() })` or an `.env`
   * file.
   */
  variables(): { ACCOUNT_SID: string; AUTH_TOKEN: string; OFFHOOK_TOKEN_SERVICE_URL: string };
  /** @returns a token that this service accepts. */
  issue(token?: IssuedToken): string;
  /** Sends this answer to all following requests. A body that is not a string is sent as JSON. */
  answerWith(status: number, body: unknown, times?: number): void;
  /** Closes the connections of all following requests without an answer. */
  hangUp(times?: number): void;
  /** Never answers the following requests. They end with `close()`. */
  stall(times?: number): void;
  /** Stops the service, and ends requests in progress. */
  close(): Promise<void>;
}

type Answer = (response: http.ServerResponse) => void;

interface KnownToken {
  readonly expiresAt: number;
  readonly answer: object;
}

/** Starts the service on a free port of the loopback interface. Close it, or the test's process does not exit. */
export async function startTokenService(options: TokenServiceOptions = {}): Promise<TokenService> {
  const { accountSid = fakeAccountSid, authToken = fakeAuthToken, apiKey, apiSecret = "" } = options;
  const credentials = [basic(accountSid, authToken), apiKey === undefined ? undefined : basic(apiKey, apiSecret)];
  const tokens = new Map<string, KnownToken>();
  const requests: TokenRequest[] = [];
  const queue: Answer[] = [];
  const enqueue = (answer: Answer, times: number): void =>
    void queue.push(...Array.from({ length: times }, () => answer));

  const answer = (request: TokenRequest, response: http.ServerResponse): void => {
    if (request.method !== "POST" || request.path !== `/v1/Accounts/${accountSid}/Tokens/validate`) {
      return send(response, 404, failure(404, 20404, `The requested resource ${request.path} was not found`));
    }
    const { authorization } = request.headers;
    if (authorization === undefined || !credentials.includes(authorization)) {
      return send(response, 401, failure(401, 20003, "Authenticate"));
    }
    const token = tokens.get(tokenIn(request.body));
    if (token === undefined) return send(response, 200, refusal(20101, "Invalid Access Token"));
    if (token.expiresAt <= clock().now()) return send(response, 200, refusal(20104, "Access Token expired"));
    send(response, 200, token.answer);
  };

  const server = http.createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => void chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url: path = "", headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString("utf8") };
      requests.push(request);
      const planned = queue.shift();
      if (planned === undefined) answer(request, response);
      else planned(response);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.once("close", resolve));
    server.close();
    server.closeAllConnections();
    await closed;
  };

  const service = {
    url,
    requests,
    variables: () => ({ ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken, OFFHOOK_TOKEN_SERVICE_URL: url }),
    issue(issued: IssuedToken = {}) {
      const token = `fake-flex-token-${tokens.size + 1}`;
      tokens.set(token, detailsOf(issued));
      return token;
    },
    answerWith: (status: number, body: unknown, times = 1) =>
      enqueue((response) => send(response, status, body), times),
    hangUp: (times = 1) => enqueue((response) => void response.destroy(), times),
    stall: (times = 1) => enqueue(() => {}, times),
    close,
  };
  return withAsyncDispose(service, close);
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function detailsOf(issued: IssuedToken): KnownToken {
  const { identity = "fake.agent@example.com", roles = ["agent"], expiresInSeconds = 3600 } = issued;
  const { workerSid = fakeSid("WK"), realmUserId = fakeSid("US") } = issued;
  const expiresAt = clock().now() + expiresInSeconds * 1000;
  const answer = {
    valid: true,
    code: 0,
    message: null,
    expiration: new Date(expiresAt).toISOString(),
    realm_user_id: realmUserId,
    identity,
    roles,
    worker_sid: workerSid,
  };
  return { expiresAt, answer };
}

/** The texts are our own, because those of the real service are not documented. */
function refusal(code: number, message: string): object {
  const unknown = { expiration: null, realm_user_id: null, identity: null, roles: null, worker_sid: null };
  return { valid: false, code, message, ...unknown };
}

function failure(status: number, code: number, message: string): object {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

function tokenIn(body: string): string {
  try {
    return String((JSON.parse(body) as { token?: unknown } | null)?.token);
  } catch {
    return "";
  }
}

function send(response: http.ServerResponse, status: number, body: unknown): void {
  const isText = typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json" });
  response.end(isText ? body : JSON.stringify(body));
}
