/**
 * `@offhook/phone/testing`: a phone for tests. It calls the functions of a project with the test kit, follows their
 * TwiML, and says what the caller hears. It works with every test framework.
 */
import { resolve } from "node:path";
import { installGlobals, type GlobalsOptions } from "@offhook/helpers/testing";
import { simulatedFields } from "../call/webhook.ts";
import { projectFunctions, simulations, site } from "./project-functions.ts";
import { TestedCall } from "./tested-call.ts";
import { TestedChat } from "./tested-chat.ts";

export type { TestedCall, TestedChat };

export interface PhoneOptions extends GlobalsOptions {
  /** Variables, or a context from `fakeContext()`. By default the variables in `.env`. */
  readonly context?: object;
}

export interface Parties {
  readonly from?: string;
  readonly to?: string;
}

export interface CallOptions extends Parties {
  /** The path of a function that gets the status of the call. */
  readonly statusCallback?: string;
  /** Whether it also gets the statuses before the end. */
  readonly hasAllStatuses?: boolean;
}

export interface Phone extends Disposable {
  /** Calls a function. @param target its path, and a query if it has one. */
  call(target: string, options?: CallOptions): TestedCall;
  /** Starts a conversation with a function. */
  chat(target: string, parties?: Parties): TestedChat;
  /** Restores the globals. */
  close(): void;
}

/** Numbers that belong to nobody: 555-0100 to 555-0199 are reserved for fiction. */
const caller = "+12025550123";
const number = "+12025550199";

/** Installs the globals of functions, as `installGlobals()` of the test kit does. */
export function openPhone({ context, ...options }: PhoneOptions = {}): Phone {
  const folder = resolve(options.folder ?? ".");
  const uninstall = installGlobals(options);
  const send = projectFunctions({ folder, context });
  return {
    call(target, { from = caller, to = number, ...status } = {}) {
      return new TestedCall(send, { target, from, to, site, fields: simulatedFields(simulations, "voice"), ...status });
    },
    chat: (target, { from = caller, to = number } = {}) => new TestedChat(send, { target, from, to }),
    close: () => uninstall(),
    [Symbol.dispose]: () => uninstall(),
  };
}
