/**
 * A fake `context`, like the one that functions get (contract §3).
 */
import { clock } from "../clock.ts";
import type { FunctionContext } from "../function-types.ts";
import { fakeAccountSid, fakeAuthToken } from "./sid.ts";

export interface FakeContextOverrides {
  /** The client that `getTwilioClient()` returns, with any options. */
  readonly client?: unknown;
  /** Replaces `client` if the options matter. */
  readonly getTwilioClient?: (options?: object) => unknown;
  /** The value of `context.signal`; by default a signal that is never aborted. */
  readonly signal?: AbortSignal;
  /** Remaining time of the invocation from now on, in milliseconds. By default 10,000, the hosted limit. */
  readonly remainingMs?: number;
  /** Any other key is a variable: a string, or undefined to remove it. */
  readonly [variable: string]: unknown;
}

export interface FakeContext extends FunctionContext {
  readonly PATH: string;
  readonly DOMAIN_NAME: string;
  signal: AbortSignal;
  getRemainingTimeInMillis: () => number;
}

const defaults = {
  DOMAIN_NAME: "fake-1234-dev.twil.io",
  PATH: "/fake",
  SERVICE_SID: `ZS${"fa4e".repeat(8)}`,
  ENVIRONMENT_SID: `ZE${"fa4e".repeat(8)}`,
  ACCOUNT_SID: fakeAccountSid,
  AUTH_TOKEN: fakeAuthToken,
};

/**
 * A fresh context. It has `signal` and `getRemainingTimeInMillis()`, which exist on Offhook but not in the hosted
 * product. They can be replaced, but, as on Offhook, they are not listed or copied with the context. The remaining time
 * follows the clock of `useFakeClock`, if there is one.
 * @throws TypeError for a variable that is not a string, because variables are strings on every platform.
 */
export function fakeContext(overrides: FakeContextOverrides = {}): FakeContext {
  const { client, getTwilioClient, signal, remainingMs = 10_000, ...variables } = overrides;
  const context: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete context[name];
    else if (typeof value === "string") context[name] = value;
    else
      throw new TypeError(
        `Invalid value for fakeContext(): ${name} is a ${typeof value}. Variables are strings on every platform.`,
      );
  }
  context["getTwilioClient"] = getTwilioClient ?? (() => clientOrComplaint(client));
  const endsAt = clock().now() + remainingMs;
  define(context, "signal", signal ?? new AbortController().signal);
  define(context, "getRemainingTimeInMillis", () => Math.max(0, endsAt - clock().now()));
  return context as unknown as FakeContext;
}

function clientOrComplaint(client: unknown): unknown {
  if (client !== undefined) return client;
  throw new Error("This fake context has no Twilio client. Pass one: fakeContext({ client })");
}

function define(context: object, name: string, value: unknown): void {
  Object.defineProperty(context, name, { value, enumerable: false, writable: true, configurable: true });
}
