/** Requests that are refused, slow, leaky or crash. Each may only harm itself. */
import type { Group, RequestKind } from "../kind.ts";
import { isText } from "../kind.ts";
import { formText, requestText, type RequestParts } from "../request.ts";

function refused(name: string, path: string, status: number, code: string, parts: RequestParts): RequestKind {
  return {
    name,
    group: "refused",
    weight: 6,
    makeRequest: ({ port }, nonce) => ({ bytes: requestText(port, `${path}?nonce=${nonce}`, parts), status, code }),
  };
}

const unsigned: RequestKind = {
  name: "wrongly-signed",
  group: "refused",
  weight: 20,
  makeRequest: ({ port }, nonce) => ({
    bytes: formText(port, "/webhook", { nonce }, { "X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }),
    status: 403,
    code: "signature-invalid",
  }),
};

export const refusedKinds: readonly RequestKind[] = [
  unsigned,
  refused("unknown-path", "/nowhere", 404, "not-found", {}),
  refused("wrong-method", "/plain", 405, "method-not-allowed", { method: "DELETE" }),
  refused("get-with-body", "/plain", 403, "body-with-get", { method: "GET", body: "x" }),
  refused("broken-json", "/json", 400, "body-malformed", {
    headers: { "Content-Type": "application/json" },
    body: '{"nonce":',
  }),
];

function napping(group: Group, name: string, weight: number, minMs: number, maxMs: number): RequestKind {
  return {
    name,
    group,
    weight,
    makeRequest: ({ port }, nonce, random) => ({
      bytes: requestText(port, `/nap?nonce=${nonce}&ms=${random.whole(minMs, maxMs)}`),
      status: 200,
      check: isText(`nap ${nonce}`),
    }),
  };
}

function hanging(how: string, weight: number): RequestKind {
  return {
    name: `hang-${how}`,
    group: "slow",
    weight,
    makeRequest: ({ port }, nonce) => ({
      bytes: requestText(port, `/hang?nonce=${nonce}&how=${how}`),
      status: 504,
      code: "handler-timed-out",
    }),
  };
}

/** Rare, because an endless loop occupies a processor until the time limit. */
export const slow: readonly RequestKind[] = [
  napping("slow", "nap", 12, 20, 300),
  hanging("silent", 0.2),
  hanging("late", 0.2),
  hanging("busy", 0.03),
];

const leaks = [
  "interval",
  "server",
  "socket",
  "child",
  "detached-child",
  "grandchildren",
  "worker",
  "promise",
  "loop",
  "exit",
  "throw",
  "output",
];

/** Each costs a new isolate. */
export const leaky: readonly RequestKind[] = leaks.map((how) => ({
  name: `leak-${how}`,
  group: "leaky",
  weight: 0.15,
  makeRequest: ({ port }, nonce) => ({
    bytes: requestText(port, `/leak?nonce=${nonce}&how=${how}&port=${port}`),
    status: 200,
    check: isText(`leak ${nonce}`),
  }),
}));

const crashes: readonly (readonly [how: string, code: string, weight?: number])[] = [
  ["exit", "process-exited"],
  ["exit-later", "process-exited"],
  ["abort", "process-exited"],
  ["kill", "process-exited"],
  ["throw", "handler-threw"],
  ["throw-later", "handler-threw"],
  ["reject", "handler-threw"],
  ["float", "handler-threw"],
  ["overflow", "handler-threw"],
  // These fill a whole isolate's memory first.
  ["heap", "out-of-memory", 0.02],
  ["buffers", "out-of-memory", 0.02],
  ["segv", "isolate-crashed"],
  ["rubbish", "isolate-crashed"],
  ["close-pipe", "isolate-crashed"],
];

export const crashing: readonly RequestKind[] = crashes.map(([how, code, weight = 0.12]) => ({
  name: `crash-${how}`,
  group: "crashing",
  weight,
  makeRequest: ({ port }, nonce) => ({
    bytes: requestText(port, `/crash?nonce=${nonce}&how=${how}`),
    status: 500,
    code,
  }),
}));

/** Not part of the even load: bursts send many at once. */
export const burner: RequestKind = {
  name: "burn",
  group: "burst",
  weight: 0,
  makeRequest: ({ port }, nonce, random) => ({
    bytes: requestText(port, `/burn?nonce=${nonce}&ms=${random.whole(200, 600)}`),
    status: 200,
    check: isText(`burn ${nonce}`),
  }),
};

export const overloading: RequestKind = napping("burst", "overload", 0, 50, 150);

/** Requests that are in flight when the server gets the signal to stop. */
export const lasting: RequestKind = napping("slow", "drain", 0, 800, 1000);
