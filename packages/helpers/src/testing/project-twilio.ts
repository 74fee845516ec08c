/**
 * The `twilio` package of the project under test. It is loaded only when it is needed, because that takes a third of a
 * second.
 */
import module from "node:module";
import path from "node:path";
import { TwilioResponse } from "./twilio-response.ts";

type Loaded = ((...args: unknown[]) => unknown) & Record<string, unknown>;

/** Properties that are read from any object that is printed, awaited or compared. They must not cause an error. */
const incidental = new Set(["$$typeof", "asymmetricMatch", "nodeType", "then", "toJSON"]);

/**
 * The global `Twilio`: the package, and `Response`, which does not need the package.
 * @param replacement used instead of the package that the project has installed.
 */
export function twilioGlobal(project: string, replacement?: object): object {
  let loaded = replacement as Loaded | undefined;
  const load = (): Loaded => (loaded ??= requireTwilio(project));
  // A function, so that `Twilio(accountSid, authToken)` works.
  return new Proxy(function Twilio() {} as unknown as Loaded, {
    get(target, key) {
      if (key === "Response") return TwilioResponse;
      const isAsked = typeof key === "string" && !incidental.has(key) && !(key in target);
      const owner = isAsked || loaded !== undefined ? load() : target;
      return Reflect.get(owner, key) as unknown;
    },
    apply: (_, self, args) => Reflect.apply(load(), self, args),
  });
}

function requireTwilio(project: string): Loaded {
  try {
    return module.createRequire(path.join(project, "package.json"))("twilio") as Loaded;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new Error(`The package twilio is not installed in ${project}: run npm install --save-dev twilio there`, {
      cause,
    });
  }
}
