/** Handlers, and their use of `callback`. */
import { excerpt } from "@offhook/runtime/internal/printable";
import { suggest } from "@offhook/runtime/internal/suggestion";

import { textOf } from "../../analysis/facts.ts";
import { at, functionsOf, usesOf } from "../rule.ts";
import type { Rule } from "../rule.ts";

export const handlerRules: readonly Rule[] = [
  {
    id: "handler-missing",
    severity: "error",
    contract: "row 31",
    page: "errors.md#handler-missing",
    finds: "a function without `exports.handler`, or with a misspelled one",
    next: "Set exports.handler = (context, event, callback) => { … }. If nobody should call the file, name it name.private.js.",
    *find(project) {
      for (const source of functionsOf(project)) {
        const { facts, resource, problem } = source;
        if (problem !== undefined || facts.exportsUnknown || resource?.visibility === "private") continue;
        const names = facts.exports.map(({ name }) => name);
        const isModule = facts.moduleSyntax !== undefined;
        if (names.includes("handler") || (isModule && names.includes("default"))) continue;
        const misspelled = facts.exports.find(({ name }) => suggest(name, ["handler"]) !== undefined);
        const message = "exports no handler, so every call gets a 500";
        if (misspelled === undefined) yield { file: source.file, message };
        else
          yield at(
            source,
            misspelled,
            `exports.${excerpt(misspelled.name, 40)} is not a handler; did you mean exports.handler?`,
          );
      }
    },
  },
  {
    id: "callback-unused",
    severity: "error",
    contract: "rows 23, 41",
    page: "callback.md",
    finds: "a handler that never calls `callback` and therefore times out; its return value is ignored",
    next: "Call callback(null, reply), also if the handler is async. Or wrap it with @offhook/helpers and return the reply.",
    *find(project) {
      for (const source of functionsOf(project)) {
        const { handler } = source.facts;
        if (handler === undefined || handler.usesCallback) continue;
        yield at(source, handler, "The handler never calls its third parameter, callback, so the caller gets a 504");
      }
    },
  },
  {
    id: "work-after-callback",
    severity: "warning",
    contract: "row 44",
    page: "execution.md#after-callback",
    finds: "work that is awaited or started after a call of `callback`",
    next: "Do it before callback(). Here it is stopped. Hosted Functions stop it, or freeze it until a later request.",
    *find({ sources }) {
      for (const source of sources) {
        for (const place of source.facts.afterCallback) yield at(source, place, "This work runs after callback()");
      }
    },
  },
  {
    id: "falsy-error",
    severity: "warning",
    contract: "row 38",
    page: "callback.md#where-we-differ-from-hosted-functions",
    finds: '`callback("")`, `callback(0)` and `callback(false)`, which are success here and documented as errors there',
    next: "Pass null for success, or an Error or a string for failure.",
    *find(project) {
      for (const { source, reference } of usesOf(project, "callback")) {
        const [first] = reference.steps.length === 1 ? (reference.steps[0]?.args ?? []) : [];
        if (first?.kind !== "literal" || ![0, "", false].includes(first.value as string)) continue;
        const shown = JSON.stringify(first.value);
        yield at(
          source,
          reference,
          `callback(${shown}) is success here, but documented as an error on hosted Functions`,
        );
      }
    },
  },
  {
    id: "xml-as-text",
    severity: "warning",
    contract: "row 55",
    page: "callback.md",
    finds: "TwiML in a string, which is sent as `text/plain`",
    next: "Pass the Twilio.twiml object itself, or a Twilio.Response with the content type text/xml.",
    *find(project) {
      for (const { source, reference } of usesOf(project, "callback")) {
        const text = textOf(reference.steps[0]?.args?.[1]);
        if (text === undefined || !/^\s*<(?:\?xml|Response)\b/.test(text)) continue;
        yield at(source, reference, "A string is sent as text/plain, even if it is XML");
      }
    },
  },
];
