/**
 * `context` (contract §3): fresh for every invocation; the service's variables over the defaults.
 */
import type { Invoke, Setup } from "../protocol/messages.ts";
import type { TwilioPackage } from "./twilio-package.ts";

export interface Context extends Record<string, unknown> {
  getTwilioClient(options?: object): unknown;
}

/** Who knows whether the caller still waits. */
export interface Caller {
  readonly signal: AbortSignal;
}

export function buildContext(invoke: Invoke, setup: Setup, twilio: TwilioPackage, caller: Caller): Context {
  const context = {
    DOMAIN_NAME: invoke.domain,
    PATH: invoke.path,
    SERVICE_SID: setup.serviceSid,
    ENVIRONMENT_SID: setup.environmentSid,
    ...setup.variables,
    getTwilioClient: (options?: object) => twilio.client(options),
  };
  return Object.hasOwn(setup.variables, "signal") ? context : withSignal(context, caller);
}

// oxlint-disable-next-line typescript/no-extraneous-class -- private fields go onto what a base class's constructor returns
class Returned {
  constructor(object: object) {
    // oxlint-disable-next-line no-constructor-return -- it is what the class is for
    return object;
  }
}

/** Puts a private field into an object that exists: a map on the side costs ten times as much for each invocation. */
class Tied extends Returned {
  readonly #caller: Caller;

  constructor(context: object, caller: Caller) {
    super(context);
    this.#caller = caller;
  }

  static callerOf(context: object): Caller | undefined {
    return #caller in context ? context.#caller : undefined;
  }
}

/**
 * `context.signal` is ours, not the hosted product's, so whoever lists or copies a context does not find it, and who
 * assigns one of his own has that. One getter for all: with one each, V8 would build the object ten times as slowly.
 */
const signalProperty: PropertyDescriptor & ThisType<object> = {
  get() {
    return Tied.callerOf(this)?.signal;
  },
  set(value: unknown) {
    defineProperty(this, "signal", { value, writable: true, enumerable: true, configurable: true });
  },
  enumerable: false,
  configurable: true,
};

// User code may replace it.
const { defineProperty } = Object;

function withSignal(context: Context, caller: Caller): Context {
  void new Tied(context, caller);
  return defineProperty(context, "signal", signalProperty);
}
