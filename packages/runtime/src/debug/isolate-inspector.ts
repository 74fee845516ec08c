/**
 * The isolate's side of debugging: opens Node's inspector. Only isolates with a debugger load this file.
 *
 * The isolate chooses a free port on loopback, and reports it. People use the gateway's port, which stays the same.
 */
import inspector from "node:inspector";

const now = performance.now.bind(performance);

/**
 * The key under which the condition of a breakpoint finds us. It becomes a symbol, so that lists of globals lack it.
 */
const key = "offhook.first-line";

/**
 * @param waits whether to block until a debugger has set its breakpoints and lets the isolate run.
 * @param onState gets the inspector's URL, and whether the isolate waits. Called again when it no longer waits.
 */
export function openInspector(waits: boolean, onState: (url: string, isWaiting: boolean) => void): void {
  inspector.open(0, "127.0.0.1");
  const url = inspector.url() ?? "";
  onState(url, waits);
  if (!waits) return;
  inspector.waitForDebugger();
  onState(url, false);
}

/**
 * Reports stops in the debugger, so that the clock of functions, which can read their remaining time, excludes them. V8
 * reports a stop before the next line of the function runs. The pool learns of stops from outside, which is exact
 * enough.
 */
export function followStops(onStopped: (ms: number) => void): void {
  let stoppedAt: number | undefined;
  const session = new inspector.Session();
  session.connect();
  session.on("Debugger.paused", () => void (stoppedAt ??= now()));
  session.on("Debugger.resumed", () => {
    if (stoppedAt !== undefined) onStopped(now() - stoppedAt);
    stoppedAt = undefined;
  });
  session.post("Debugger.enable");
}

/** Prints the output of functions in the debugger's console as well, where people can inspect objects. */
export function mirrorConsole(): void {
  const remote = inspector.console as unknown as Record<string, unknown>;
  const ownConsole = console as unknown as Record<string, unknown>;
  for (const [name, method] of Object.entries(ownConsole)) {
    const mirror = remote[name];
    if (typeof method !== "function" || typeof mirror !== "function") continue;
    ownConsole[name] = (...args: unknown[]) => {
      Reflect.apply(mirror, remote, args);
      Reflect.apply(method, ownConsole, args);
    };
  }
}

/**
 * Stops the debugger once, at the next line of the author's code that runs: in the handler, or anywhere in the
 * function's file if a package made the handler.
 */
export function stopAtFirstLine(handler: object, file: string): void {
  const session = new inspector.Session();
  session.connect();
  const scripts = new Map<string, string>();
  session.on("Debugger.scriptParsed", ({ params }) => void scripts.set(params.scriptId, params.url));
  session.post("Debugger.enable");
  const condition = `globalThis[Symbol.for(${JSON.stringify(key)})]?.isFirst() === true`;
  const isFirst = (): boolean => {
    if (!Reflect.deleteProperty(globalThis, Symbol.for(key))) return false;
    // After the current code: the other breakpoints must not stop again.
    process.nextTick(() => session.disconnect());
    return true;
  };
  Object.defineProperty(globalThis, Symbol.for(key), { configurable: true, value: { isFirst, handler } });

  session.post(
    "Runtime.evaluate",
    { expression: `globalThis[Symbol.for(${JSON.stringify(key)})].handler` },
    (_, made) => {
      const objectId = made?.result.objectId;
      if (objectId === undefined) return;
      session.post("Runtime.getProperties", { objectId, ownProperties: true }, (__, properties) => {
        const place = properties?.internalProperties?.find(({ name }) => name === "[[FunctionLocation]]")?.value
          ?.value as { scriptId?: string } | undefined;
        const madeIn = scripts.get(place?.scriptId ?? "") ?? "";
        if (madeIn.startsWith("file:") && !madeIn.includes("/node_modules/") && !isOurs(madeIn)) {
          // The types of Node do not know it yet.
          const post = session.post.bind(session) as (method: string, params: object) => void;
          post("Debugger.setBreakpointOnFunctionCall", { objectId, condition });
          return;
        }
        for (const [scriptId, url] of scripts) if (isFileOf(url, file)) stopAnywhereIn(session, scriptId, condition);
      });
    },
  );
}

/** Whether it is a package of the repository. Those are beside the projects and not in their `node_modules`. */
function isOurs(url: string): boolean {
  return url.startsWith(new URL("../../..", import.meta.url).href);
}

function isFileOf(url: string, file: string): boolean {
  return url === process.getBuiltinModule("node:url").pathToFileURL(file).href;
}

function stopAnywhereIn(session: inspector.Session, scriptId: string, condition: string): void {
  const whole = { start: { scriptId, lineNumber: 0 }, restrictToFunction: false };
  session.post("Debugger.getPossibleBreakpoints", whole, (_, found?: { locations?: inspector.Debugger.Location[] }) => {
    for (const location of found?.locations ?? []) session.post("Debugger.setBreakpoint", { location, condition });
  });
}
