/**
 * Calls the functions of a project in this process, with the test kit, as answers to the webhooks of a phone.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseEnv } from "node:util";
import { callFunction, incomingCall, incomingMessage, messageStatus, type Callable } from "@offhook/helpers/testing";
import type { Header, SendRequest, SendResult, Simulation } from "../call/send-request.ts";
import type { Site } from "../call/web-address.ts";

export interface ProjectOptions {
  readonly folder: string;
  /** Variables, or a context of the test kit. By default the variables in `.env`. */
  readonly context?: object | undefined;
}

/** The address of the project in tests. Functions know it as DOMAIN_NAME. */
export const site: Site = { url: "http://localhost:3000" };

/** The fields that Twilio would send, as in the test kit. */
export const simulations: readonly Simulation[] = [
  { kind: "voice", fields: fieldsOf(incomingCall()) },
  { kind: "sms", fields: fieldsOf(incomingMessage()) },
  { kind: "status", fields: fieldsOf(messageStatus()) },
];

function fieldsOf(event: object): { readonly name: string; readonly value: string }[] {
  return Object.entries(event).flatMap(([name, value]) => (typeof value === "string" ? [{ name, value }] : []));
}

/** Answers webhooks. An error of a function is an answer with status 500. */
export function projectFunctions({ folder, context }: ProjectOptions): (request: SendRequest) => Promise<SendResult> {
  const variables = context ?? { DOMAIN_NAME: new URL(site.url).host, ...variablesOf(folder) };
  return async (request) => {
    const { pathname, searchParams } = new URL(request.target, site.url);
    const file = fileOf(pathname);
    if (file === undefined)
      return answer({ status: 404, body: "", problem: `The project has no function ${pathname}` });
    const headers = Object.fromEntries(request.headers ?? []);
    const event = {
      ...Object.fromEntries(searchParams),
      ...Object.fromEntries(request.fields ?? []),
      request: { headers, cookies: cookiesOf(headers["cookie"] ?? "") },
    };
    const callable = (await import(pathToFileURL(file).href)) as Callable;
    try {
      const { status, headers: replyHeaders, body } = await callFunction(callable, { context: variables, event });
      return answer({ status, body, headers: replyHeaders });
    } catch (error) {
      return answer({
        status: 500,
        body: "",
        problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  };
}

/** The globals of the test kit know the functions. */
function fileOf(path: string): string | undefined {
  const { Runtime } = globalThis as {
    Runtime?: { getFunctions(): Readonly<Record<string, { readonly path: string }>> };
  };
  return Runtime?.getFunctions()[decodeURIComponent(path.slice(1))]?.path;
}

function variablesOf(folder: string): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync(resolve(folder, ".env"), "utf8"));
  } catch {
    // A project without variables has no such file.
    return {};
  }
}

function cookiesOf(header: string): Record<string, string> {
  const pairs = header.split("; ").filter((each) => each !== "");
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  readonly problem?: string;
}

function answer({ status, body, headers = {}, problem }: Answer): SendResult {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((each): Header => [name, each]),
  );
  return {
    id: "",
    status,
    headers: pairs,
    body: { bytes: Buffer.byteLength(body), text: body, encoding: "utf8", isCut: false },
    cookies: pairs.flatMap(([name, value]) => (name === "set-cookie" ? [value] : [])),
    ...(problem !== undefined && { problem }),
  };
}
