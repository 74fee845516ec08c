/** The setup message of an isolate, for a service without functions. */
import type { Setup } from "../../../src/protocol/messages.ts";

export const bareSetup: Setup = {
  kind: "setup",
  folder: import.meta.dirname,
  functions: {},
  assets: {},
  variables: {},
  serviceSid: "ZS",
  environmentSid: "ZE",
  preload: [],
  concurrency: 1,
  detectLeftovers: true,
  limits: { requestBytes: 1, replyBytes: 1, headerBytes: 1, headerCount: 1, cookieMaxAgeSeconds: 1 },
  isHardened: false,
};
