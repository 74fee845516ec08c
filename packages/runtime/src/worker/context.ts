/**
 * `context` (contract §3): fresh for every invocation; the service's variables over the defaults.
 */
import type { Invoke, Setup } from "../protocol/messages.ts";
import type { TwilioPackage } from "./twilio-package.ts";

export interface Context extends Record<string, unknown> {
  getTwilioClient(options?: object): unknown;
}

/** What is ours in a context, not the hosted product's. Each is asked for when the function asks. */
export interface Additions {
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
  readonly getRemainingTimeInMillis: () => number;
}

export function buildContext(invoke: Invoke, setup: Setup, twilio: TwilioPackage, additions: Additions): Context {
  const { variables } = setup;
  const context = {
    DOMAIN_NAME: invoke.domain,
    PATH: invoke.path,
    SERVICE_SID: setup.serviceSid,
    ENVIRONMENT_SID: setup.environmentSid,
    ...variables,
    getTwilioClient: (options?: object) => twilio.client(options),
  };
  void new ContextFields(context, additions);
  // One by one: `defineProperties` takes twice as long.
  if (!hasOwn(variables, "signal")) defineProperty(context, "signal", signalProperty);
  if (!hasOwn(variables, "getRemainingTimeInMillis")) {
    defineProperty(context, "getRemainingTimeInMillis", remainingTimeProperty);
  }
  return context;
}

// User code may replace them.
const { defineProperty, hasOwn } = Object;

// oxlint-disable-next-line typescript/no-extraneous-class -- private fields go onto what a base class's constructor returns
class ReturnOverride {
  constructor(object: object) {
    // oxlint-disable-next-line no-constructor-return -- it is what the class is for
    return object;
  }
}

/** Puts a private field into an object that exists: a map on the side costs ten times as much for each invocation. */
class ContextFields extends ReturnOverride {
  readonly #additions: Additions;

  constructor(context: object, additions: Additions) {
    super(context);
    this.#additions = additions;
  }

  static additionsOf(context: object): Additions | undefined {
    return #additions in context ? context.#additions : undefined;
  }
}

const signalProperty = propertyOf("signal");
const remainingTimeProperty = propertyOf("getRemainingTimeInMillis");

/**
 * Hosted Functions have no such thing, so whoever lists or copies a context does not find it, and who assigns one of
 * his own has that. One getter for all contexts: with one each, V8 would build the object ten times as slowly.
 */
function propertyOf(name: keyof Additions): PropertyDescriptor & ThisType<object> {
  return {
    get() {
      return ContextFields.additionsOf(this)?.[name];
    },
    set(value: unknown) {
      defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    },
    enumerable: false,
    configurable: true,
  };
}
