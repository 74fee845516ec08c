/** Uses of the platform's API. */
import { excerpt } from "@offhook/runtime/internal/printable";
import { textOf } from "../../analysis/facts.ts";
import type { Argument, Step } from "../../analysis/facts.ts";
import { at, usesOf } from "../rule.ts";
import type { Rule } from "../rule.ts";

const hiddenHeader =
  /^(?:connection|expect|host|proxy-(?:authenticate|authorization|connection)|referer|trailer|transfer-encoding|upgrade|via|x-real-ip|(?:x-accel-|x-forwarded-|x-amz|i-twilio-|i-t-|ot-).*)$/i;

/** Arguments of the calls of a method in a chain. */
function* callsOf(steps: readonly Step[], name: string): Iterable<readonly Argument[]> {
  for (const step of steps) if (step.name === name && step.args !== undefined) yield step.args;
}

/** The longest allowed lifetime of a cookie, in seconds. */
const maxCookieAgeSeconds = 86_400;

export const platformRules: readonly Rule[] = [
  {
    id: "context-signal",
    severity: "error",
    contract: "no such key in §3",
    page: "context.md#signal",
    finds: "`context.signal` without a check that it exists; hosted Functions do not have it",
    next: "Check that it exists: context.signal?.aborted.",
    *find(project) {
      for (const { source, reference, rest } of usesOf(project, "context", "signal")) {
        const signal = reference.steps[1];
        if (signal === undefined || rest.length === 0 || signal.isOptional) continue;
        const isAsked = usesOf({ ...project, sources: [source] }, "context", "signal").some(
          (each) => each.reference.isTested && each.rest.length === 0,
        );
        if (!isAsked) yield at(source, signal, "Hosted Functions have no context.signal, so this throws there");
      }
    },
  },
  {
    id: "context-remaining-time",
    severity: "error",
    contract: "no such key in §3",
    page: "context.md#getremainingtimeinmillis",
    finds: "`context.getRemainingTimeInMillis()` without a check that it exists; hosted Functions do not have it",
    next: "Check that it exists: context.getRemainingTimeInMillis?.() ?? 10_000.",
    *find(project) {
      const name = "getRemainingTimeInMillis";
      for (const { source, reference } of usesOf(project, "context", name)) {
        const step = reference.steps[1];
        if (step?.args === undefined || step.isOptional) continue;
        const isAsked = source.facts.references.some(
          ({ steps }) => steps[0]?.name === "context" && steps[1]?.name === name && steps[1].args === undefined,
        );
        if (!isAsked) yield at(source, step, `Hosted Functions have no context.${name}(), so this throws there`);
      }
    },
  },
  {
    id: "request-property",
    severity: "error",
    contract: "§1.2",
    page: "event.md#eventrequest",
    finds: "a property that `event.request` does not have, such as `method`; it only has `headers` and `cookies`",
    next: "Send the information as a parameter. Functions cannot see the method; hosted Functions only get GET and POST.",
    *find(project) {
      for (const { source, rest, reference } of usesOf(project, "event", "request")) {
        const [property] = rest;
        if (property?.name === undefined || reference.isWritten) continue;
        if (["headers", "cookies"].includes(property.name) || property.name in Object.prototype) continue;
        yield at(source, property, `event.request has no ${excerpt(property.name, 40)}, here and on hosted Functions`);
      }
    },
  },
  {
    id: "other-method",
    severity: "error",
    contract: "§1.2",
    page: "handler.md",
    finds: "`Access-Control-Allow-Methods` with PUT, DELETE or PATCH, which hosted Functions do not support",
    next: "Use GET and POST, and a parameter that names the action.",
    *find(project) {
      for (const { source, reference } of usesOf(project, "Twilio", "Response")) {
        for (const [name, value] of headersOf(reference.steps)) {
          const methods = /^access-control-allow-methods$/i.test(name)
            ? value.match(/\b(?:PUT|DELETE|PATCH)\b/gi)
            : null;
          if (methods === null) continue;
          yield at(source, reference.steps.at(-1) ?? reference, `Hosted Functions do not accept ${methods.join(", ")}`);
        }
      }
    },
  },
  {
    id: "hidden-header",
    severity: "warning",
    contract: "rows 97 to 99",
    page: "event.md#eventrequest",
    finds: "a request header, such as `host` or `x-forwarded-for`, that functions cannot see",
    next: "Do not rely on it: it is undefined here and on hosted Functions. For the host, use context.DOMAIN_NAME.",
    *find(project) {
      for (const { source, rest } of usesOf(project, "event", "request", "headers")) {
        const [header] = rest;
        if (header?.name === undefined || !hiddenHeader.test(header.name)) continue;
        yield at(source, header, `The header ${excerpt(header.name, 40)} is not visible to functions`);
      }
    },
  },
  {
    id: "cookie-too-old",
    severity: "error",
    contract: "row 74",
    page: "errors.md#cookie-too-old",
    finds: "a cookie with a `Max-Age` of more than a day, which turns the whole reply into a 400",
    next: "Set Max-Age to at most 86400 seconds.",
    *find(project) {
      for (const { source, reference } of usesOf(project, "Twilio", "Response")) {
        for (const [, , attributes] of callsOf(reference.steps, "setCookie")) {
          const texts = attributes?.kind === "list" ? attributes.items.map((item) => textOf(item) ?? "") : [];
          const age = texts
            .map((text) => /^\s*max-age=(\d+)\s*$/i.exec(text)?.[1])
            .find((found) => found !== undefined);
          if (Number(age ?? 0) <= maxCookieAgeSeconds) continue;
          yield at(source, reference.steps.at(-1) ?? reference, `Max-Age=${age} is more than a day`);
        }
      }
    },
  },
  {
    id: "json-text-body",
    severity: "warning",
    contract: "row 62",
    page: "response.md#where-we-differ-from-hosted-functions",
    finds: "`setBody(JSON.stringify(…))` with `application/json`, which hosted Functions are reported to encode twice",
    next: "Pass the object itself to setBody().",
    *find(project) {
      const uses = usesOf(project, "Twilio", "Response");
      const isJson = ({ steps }: { readonly steps: readonly Step[] }): boolean =>
        [...headersOf(steps)].some(([name, value]) => name === "Content-Type" && value.startsWith("application/json"));
      for (const { source, reference } of uses) {
        for (const [body] of callsOf(reference.steps, "setBody")) {
          const names = body?.kind === "chain" ? body.steps.map(({ name }) => name).join(".") : "";
          const made = reference.steps[1];
          // On the same response object, identified by the place where it was made.
          const isSame = uses.some((each) => {
            const other = each.reference.steps[1];
            const isOne = each.source === source && other?.line === made?.line && other?.column === made?.column;
            return isOne && isJson(each.reference);
          });
          if (names !== "JSON.stringify" || !isSame) continue;
          yield at(source, reference.steps.at(-1) ?? reference, "Hosted Functions may encode this text a second time");
        }
      }
    },
  },
];

/** Names and values of headers that are set on a response. */
function* headersOf(steps: readonly Step[]): Iterable<readonly [name: string, value: string]> {
  for (const [name, value] of callsOf(steps, "appendHeader")) {
    const texts = value?.kind === "list" ? value.items.map(textOf) : [textOf(value)];
    for (const text of texts) if (text !== undefined) yield [textOf(name) ?? "", text];
  }
  for (const [headers] of callsOf(steps, "setHeaders")) {
    for (const { key, value } of headers?.kind === "object" ? headers.entries : []) yield [key, textOf(value) ?? ""];
  }
}
