/**
 * The curl command for an exchange. A request that was signed gets a new signature, because its old one is masked.
 */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

import type { Exchange } from "../api.ts";
import { curlCommand, type CurlOptions } from "../journal/curl.ts";
import { signed } from "../webhook/signing.ts";
import { ApiError } from "./api-answer.ts";
import { originalOf, requestOf, type Original } from "./original.ts";

export interface CurlSource {
  readonly url: string;
  readonly publicUrl: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** The file of the variables. */
  readonly envFile: string | undefined;
  /** The request as it came, if it is still in memory. */
  readonly original: Original | undefined;
}

/** @throws ApiError `not-kept` if the body was cut, or a secret that the signature covers is forgotten. */
export function curlOf(exchange: Exchange, source: CurlSource): string {
  if (exchange.request.body.isCut) {
    const message = `The body is too long for a command. Run: offhook replay ${exchange.id}`;
    throw new ApiError(409, "not-kept", message);
  }
  const variables = source.envFile === undefined ? undefined : loadable(source.envFile, source.variables);
  const signature = signatureFor(exchange, source);
  return curlCommand(exchange, source.url, { ...(variables && { variables }), ...(signature && { signature }) });
}

/** Of the request as the command sends it. */
function signatureFor(
  exchange: Exchange,
  { url, publicUrl, variables, original }: CurlSource,
): CurlOptions["signature"] | undefined {
  const authToken = variables["AUTH_TOKEN"];
  const isSigned = exchange.request.headers.some(([name]) => name.toLowerCase() === "x-twilio-signature");
  if (!isSigned || authToken === undefined) return undefined;
  const { target, headers } = signed(
    requestOf(sentBy(exchange, variables, original), new URL(url).host),
    publicUrl,
    authToken,
  );
  return { value: headers["x-twilio-signature"] ?? "", bodyHash: /[?&]bodySHA256=(\w+)/.exec(target)?.[1] };
}

/** The shell fills in variables. The original has the secrets that the user must enter. */
function sentBy(exchange: Exchange, variables: CurlSource["variables"], original: Original | undefined): Original {
  try {
    return originalOf(exchange, variables);
  } catch (error) {
    if (original !== undefined) return original;
    throw error;
  }
}

/** The variables that Node reads from the file exactly as Offhook does. */
function loadable(file: string, variables: CurlSource["variables"]): CurlOptions["variables"] | undefined {
  try {
    const read = parseEnv(readFileSync(file, "utf8"));
    const names = Object.keys(variables).filter((name) => read[name] === variables[name]);
    return { file, names: new Set(names) };
  } catch {
    return undefined;
  }
}
