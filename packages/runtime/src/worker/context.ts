/**
 * `context` (contract §3): fresh for every invocation; the service's variables over the defaults.
 */
import type { Invoke, Setup } from "../protocol/messages.ts";
import type { TwilioPackage } from "./twilio-package.ts";

export interface Context extends Record<string, unknown> {
  getTwilioClient(options?: object): unknown;
}

export function buildContext(invoke: Invoke, setup: Setup, twilio: TwilioPackage): Context {
  return {
    DOMAIN_NAME: invoke.domain,
    PATH: invoke.path,
    SERVICE_SID: setup.serviceSid,
    ENVIRONMENT_SID: setup.environmentSid,
    ...setup.variables,
    getTwilioClient: (options?: object) => twilio.client(options),
  };
}
