/**
 * What a service shows its author, and nobody else. Loaded only for him.
 */
import { relative, sep } from "node:path";
import { hintsGiven, type GivenHint } from "../observe/channels.ts";
import { InvocationOutput } from "../observe/invocation-output.ts";
import type { Account, FailedOutcome, Invocation } from "../pool/invocation.ts";
import type { Service } from "../service.ts";
import type { Exchange } from "./exchange.ts";
import { failurePage } from "./failure-page.ts";
import type { Hint, Known, Telling } from "./insight/facts.ts";
import { hintsOfAccount, hintsOfFailure } from "./insight/hints.ts";
import { hintOfPath } from "./insight/resources.ts";
import { announcedBodyBytes } from "./limits.ts";
import { resourceKeysOf } from "../project/private-assets.ts";

export class AuthorView {
  readonly #service: () => Service;
  readonly #telling: Telling;
  readonly #output: InvocationOutput;

  /** @param service as it is now: it changes while it is served. */
  constructor(service: () => Service, telling: Telling) {
    this.#service = service;
    this.#telling = telling;
    this.#output = new InvocationOutput(service().sid);
  }

  readonly failurePage = (exchange: Exchange, outcome: FailedOutcome, hints: readonly Hint[]): string => {
    const { folder } = this.#service();
    return failurePage(exchange, outcome, { folder, hints, output: this.#output.of(exchange.requestId) });
  };

  readonly hintsOf = (exchange: Exchange, { code, error, accounts }: FailedOutcome): readonly Hint[] => {
    const { method = "" } = exchange.request;
    const bodyType = bodyTypeOf(exchange);
    return hintsOfFailure({ ...this.#known(exchange.invocation?.function), method, bodyType, code, error, accounts });
  };

  /** Of a path that leads nowhere. */
  readonly hintsOfPath = (path: string): readonly GivenHint[] => {
    const text = hintOfPath(path, resourceKeysOf(this.#service()));
    return text === undefined ? [] : [{ text }];
  };

  /** As callers and the log get it: places from the project's folder. */
  readonly given = ({ text, place }: Hint): GivenHint => {
    if (place === undefined) return { text };
    const { file, line, column } = place;
    return { text, file: relative(this.#service().folder, file).replaceAll(sep, "/"), line, column };
  };

  /** Also where the reply is out, or does not come: what is told of it goes to the log. */
  readonly onAccount = ({ requestId, function: name }: Invocation, account: Account): void => {
    const hints = hintsOfAccount(this.#known(name), account);
    if (hints.length === 0) return;
    const { sid } = this.#service();
    hintsGiven.publish({ service: sid, requestId, function: name, hints: hints.map(this.given) });
  };

  #known(name: string | undefined): Pick<Known, "folder" | "variables" | "file" | "keys" | "telling"> {
    const service = this.#service();
    const { folder, variables, functions } = service;
    const file = functions.find((each) => each.name === name)?.file ?? "";
    // A variable that is there and empty is as good as none to the code that reads it, but it is set.
    const keys = resourceKeysOf(service);
    return { folder, variables: Object.keys(variables), file, keys, telling: this.#telling };
  }

  /** Listens no more. */
  stop(): void {
    this.#output.stop();
  }
}

/** Callers choose it: only what looks like one is repeated. */
function bodyTypeOf({ request }: Exchange): string {
  if (announcedBodyBytes(request) === 0) return "";
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  const known = /^[a-z0-9][a-z0-9.+-]{0,60}\/[a-z0-9][a-z0-9.+-]{0,60}$/.exec(type.trim().toLowerCase());
  return known?.[0] ?? "";
}
