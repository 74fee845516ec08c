/**
 * The inside of debugging: opens Node's inspector in an isolate. Loaded by those alone that are to be debugged.
 *
 * The isolate chooses a port that is free, on loopback, and says which; people are given the gateway's, which stays.
 */
import inspector from "node:inspector";

const now = performance.now.bind(performance);

/** Where the condition of a breakpoint finds us. A symbol: who lists globals does not see it. */
const key = "offhook.first-line";

/**
 * @param waits until a debugger has set its breakpoints and says that it may go on. Nothing else is done meanwhile.
 * @param onState is told the inspector's URL, and whether it waits; once more when it no longer does.
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
 * Functions are told how much time they have left, so theirs has to stand here as well. Told by V8 itself, before the next
 * line of theirs runs; the pool, which hears of it from outside, is as exact as it needs to be.
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

/** What functions print stands in the debugger's console as well, where objects can be looked into. */
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
 * The debugger stops at the first line of the author's that runs from here on, once: in the handler, or where that was
 * made by a package, wherever that gets to in the function's file.
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
    // When what runs now is done: the others are not to stop any more.
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

/** A package of the repository, which lies beside the projects and not in their `node_modules`. */
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
