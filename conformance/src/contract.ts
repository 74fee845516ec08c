import type { Check, CheckGroup } from "./check.ts";
import { assets } from "./checks/assets.ts";
import { callback } from "./checks/callback.ts";
import { context } from "./checks/context.ts";
import { cookies } from "./checks/cookies.ts";
import { event } from "./checks/event.ts";
import { execution } from "./checks/execution.ts";
import { failures } from "./checks/failures.ts";
import { limits } from "./checks/limits.ts";
import { preflight } from "./checks/preflight.ts";
import { requestHeaders } from "./checks/request-headers.ts";
import { response } from "./checks/response.ts";
import { routing } from "./checks/routing.ts";
import { runtimeGlobal } from "./checks/runtime-global.ts";
import { studio } from "./checks/studio.ts";
import { visibility } from "./checks/visibility.ts";

/** Every check, in the order of the contract's rows (1–150, 183–189, 191). */
export const groups: readonly CheckGroup[] = [
  routing,
  limits,
  failures,
  callback,
  response,
  cookies,
  event,
  requestHeaders,
  context,
  runtimeGlobal,
  visibility,
  preflight,
  assets,
  studio,
  execution,
];

export function allChecks(): readonly Check[] {
  return groups.flatMap((group) => group.checks);
}
