/**
 * Access to a function of a Flex back end: checks credentials, token and role, in this order (contract 1.4).
 */
import { messageOf, textOf } from "./failure.ts";
import type { FunctionContext, FunctionEvent } from "./function-types.ts";
import { timeLeftMs } from "./invocation.ts";
import { headerIn } from "./retry-after.ts";
import { cachedToken, cacheKey, maxCacheSeconds, cacheToken } from "./token-cache.ts";
import { requesterFor, TokenRefusal, validateToken, type TokenResult } from "./token-service.ts";

export interface FlexTokenOptions {
  /** The worker needs one of these roles. Without this option, any valid token is accepted. */
  readonly roles?: readonly string[];
  /** Take the token from `Authorization: Bearer …` if the event has none. */
  readonly bearer?: boolean;
  /**
   * How long a valid token is not checked again: at most 60 seconds (`true`). Until then, a revoked token is accepted.
   */
  readonly cacheTokens?: boolean | { readonly seconds: number };
}

/** Milliseconds to keep for the reply. */
const reserveMs = 500;
/** Maximum wait for the service, even if more time is left. */
const maxTimeoutMs = 10_000;

interface Credentials {
  readonly accountSid: string;
  readonly username: string;
  readonly password: string;
}

/** @returns the credentials for the token service; undefined if the service's variables have none. */
export function credentialsOf(context: FunctionContext): Credentials | undefined {
  const { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken, API_KEY: apiKey, API_SECRET: apiSecret } = context;
  if (!accountSid) return undefined;
  if (authToken) return { accountSid, username: accountSid, password: authToken };
  if (apiKey && apiSecret) return { accountSid, username: String(apiKey), password: String(apiSecret) };
  return undefined;
}

export const credentialsMissing =
  "Unauthorized: AccountSid or AuthToken was not provided. For more information, please visit https://twilio.com/console/runtime/functions/configure";

/** @throws TokenRefusal, whose reason is sent to the caller. */
export async function checkToken(
  context: FunctionContext,
  event: FunctionEvent,
  credentials: Credentials,
  options: FlexTokenOptions,
): Promise<TokenResult> {
  const token: unknown = event["Token"] || (options.bearer ? bearerOf(event) : undefined);
  if (!token) throw new TokenRefusal("Unauthorized: Token was not provided");
  const result = await resultOf(context, token, credentials, options);
  const { roles } = options;
  if (roles !== undefined && !roles.some((role) => rolesOf(result).includes(role))) {
    throw new TokenRefusal(`Forbidden: this requires the role ${roles.join(" or ")}`);
  }
  return result;
}

async function resultOf(
  context: FunctionContext,
  token: unknown,
  credentials: Credentials,
  { cacheTokens = false }: FlexTokenOptions,
): Promise<TokenResult> {
  const url = serviceUrl(context);
  const ask = async (): Promise<TokenResult> => {
    const timeoutMs = Math.max(1, Math.min(maxTimeoutMs, timeLeftMs(context) - reserveMs));
    try {
      return await validateToken({ url, token, timeoutMs, ...credentials });
    } catch (error) {
      throw error instanceof TokenRefusal ? error : new TokenRefusal(messageOf(error));
    }
  };
  if (cacheTokens === false || typeof token !== "string") return await ask();
  const key = cacheKey(url, credentials.accountSid, credentials.username, credentials.password, token);
  const cached = cachedToken(key);
  if (cached !== undefined) return cached;
  const result = await ask();
  cacheToken(key, result, cacheTokens === true ? maxCacheSeconds : cacheTokens.seconds);
  return result;
}

/** Loads the HTTP client while the function loads, so that the first request need not wait for it. */
export function prepareTokenCheck(): void {
  requesterFor(defaultUrl);
}

const defaultUrl = "https://iam.twilio.com";

/** `OFFHOOK_TOKEN_SERVICE_URL` is for tests, and for machines that reach Twilio at another address. */
function serviceUrl(context: FunctionContext): string {
  const { OFFHOOK_TOKEN_SERVICE_URL: ownUrl, TWILIO_REGION: region } = context as Record<string, string | undefined>;
  if (ownUrl) return ownUrl;
  return region ? `https://iam.${region.split("-")[0]}.twilio.com` : defaultUrl;
}

function bearerOf({ request }: FunctionEvent): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(textOf(headerIn(request?.headers, "authorization")))?.[1];
}

function rolesOf({ roles }: TokenResult): readonly unknown[] {
  return Array.isArray(roles) ? roles : [];
}
