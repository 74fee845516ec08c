import type { Target } from "./target.ts";

/** A server that already runs with the conformance project. */
export function urlTarget(url: string): Target {
  const baseUrl = url.replace(/\/+$/, "");
  return {
    name: baseUrl,
    canStart: false,
    start: () =>
      Promise.resolve({
        started: true,
        instance: {
          baseUrl,
          folder: undefined,
          logText: undefined,
          hasExited: () => false,
          stop: () => Promise.resolve(),
        },
      }),
  };
}
