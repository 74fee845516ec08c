/**
 * `context` (contract §3): a new object for every invocation. The service's variables override the defaults.
 */
import type { Invoke, Setup } from "../protocol/messages.ts";
import type { TwilioPackage } from "./twilio-package.ts";

export interface Context extends Record<string, unknown> {
  getTwilioClient(options?: object): unknown;
}

/** Offhook's additions to the hosted product's context. Each one is created when the function first reads it. */
export interface Additions {
  /** Aborted when the caller disconnects. */
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
  // Separate calls, because `defineProperties` takes twice as long.
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

/** Adds a private field to an existing object. A `WeakMap` would cost ten times as much per invocation. */
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
 * Hosted Functions do not have this property, so code that lists or copies a context does not find it. Code can assign
 * its own value. All contexts share one getter. With one getter per context, V8 would build the object ten times as
 * slowly.
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
