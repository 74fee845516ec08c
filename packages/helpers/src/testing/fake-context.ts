/**
 * `context` as a function gets it (contract §3).
 */
import { clock } from "../clock.ts";
import type { FunctionContext } from "../function-types.ts";
import { fakeAccountSid, fakeAuthToken } from "./sid.ts";

export interface FakeContextOverrides {
  /** What `getTwilioClient()` returns, whatever its options. */
  readonly client?: unknown;
  /** Instead of a `client`, where the options matter. */
  readonly getTwilioClient?: (options?: object) => unknown;
  /** `context.signal`; by default one that is never aborted. */
  readonly signal?: AbortSignal;
  /** What is left of the invocation's time, in milliseconds, as of now. By default 10,000, the hosted limit. */
  readonly remainingMs?: number;
  /** Anything else is a variable: a string, or undefined for one that is not there. */
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
 * A fresh context. `signal` and `getRemainingTimeInMillis()`, which Offhook has and the hosted product has not, are there
 * and can be replaced, but whoever lists or copies the context does not find them: as on Offhook. The time is counted by the
 * clock of `useFakeClock`, if there is one.
 * @throws TypeError for a variable that is not a string: on every platform they are.
 */
export function fakeContext(overrides: FakeContextOverrides = {}): FakeContext {
  const { client, getTwilioClient, signal, remainingMs = 10_000, ...variables } = overrides;
  const context: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete context[name];
    else if (typeof value === "string") context[name] = value;
    else throw new TypeError(`fakeContext(): ${name} is a ${typeof value}; variables are strings on every platform`);
  }
  context["getTwilioClient"] = getTwilioClient ?? (() => clientOrComplaint(client));
  const endsAt = clock().now() + remainingMs;
  define(context, "signal", signal ?? new AbortController().signal);
  define(context, "getRemainingTimeInMillis", () => Math.max(0, endsAt - clock().now()));
  return context as unknown as FakeContext;
}

function clientOrComplaint(client: unknown): unknown {
  if (client !== undefined) return client;
  throw new Error("This fake context has no Twilio client: give it one, as in fakeContext({ client })");
}

function define(context: object, name: string, value: unknown): void {
  Object.defineProperty(context, name, { value, enumerable: false, writable: true, configurable: true });
}
