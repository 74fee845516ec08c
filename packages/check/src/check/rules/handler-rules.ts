/** Handlers, and what they do with `callback`. */
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
    finds: "a function without `exports.handler`, or with a misspelt one",
    next: "Export the handler: exports.handler = function (context, event, callback) { … }. A file that is no function is private: name.private.js.",
    *find(project) {
      for (const source of functionsOf(project)) {
        const { facts, resource, problem } = source;
        if (problem !== undefined || facts.exportsUnknown || resource?.visibility === "private") continue;
        const names = facts.exports.map(({ name }) => name);
        const isModule = facts.moduleSyntax !== undefined;
        if (names.includes("handler") || (isModule && names.includes("default"))) continue;
        const misspelled = facts.exports.find(({ name }) => suggest(name, ["handler"]) !== undefined);
        const message = "exports no handler, so that a call of it is a 500";
        if (misspelled === undefined) yield { file: source.file, message };
        else
          yield at(
            source,
            misspelled,
            `exports.${excerpt(misspelled.name, 40)} is no handler; did you mean exports.handler?`,
          );
      }
    },
  },
  {
    id: "callback-unused",
    severity: "error",
    contract: "rows 23, 41",
    page: "callback.md",
    finds: "a handler that never calls `callback`, and so runs into the time limit: what it returns is ignored",
    next: "Call callback(null, reply), also in an async handler; or wrap it with @offhook/helpers, whose handlers may return.",
    *find(project) {
      for (const source of functionsOf(project)) {
        const { handler } = source.facts;
        if (handler === undefined || handler.usesCallback) continue;
        yield at(source, handler, "The handler never calls its third parameter, callback: its caller gets a 504");
      }
    },
  },
  {
    id: "work-after-callback",
    severity: "warning",
    contract: "row 44",
    page: "execution.md#after-callback",
    finds: "something that is awaited or begun behind a call of `callback`",
    next: "Do it before callback(). Here it is ended; hosted Functions end it, or freeze it and go on during a later request.",
    *find({ sources }) {
      for (const source of sources) {
        for (const place of source.facts.afterCallback)
          yield at(source, place, "This waits for something after callback()");
      }
    },
  },
  {
    id: "falsy-error",
    severity: "warning",
    contract: "row 38",
    page: "callback.md#where-we-differ-from-hosted-functions",
    finds: '`callback("")`, `callback(0)`, `callback(false)`: success here, documented as errors there',
    next: "Pass null for success, an Error or a text otherwise.",
    *find(project) {
      for (const { source, reference } of usesOf(project, "callback")) {
        const [first] = reference.steps.length === 1 ? (reference.steps[0]?.args ?? []) : [];
        if (first?.kind !== "literal" || ![0, "", false].includes(first.value as string)) continue;
        const shown = JSON.stringify(first.value);
        yield at(
          source,
          reference,
          `callback(${shown}) is success here, and documented as an error on hosted Functions`,
        );
      }
    },
  },
  {
    id: "xml-as-text",
    severity: "warning",
    contract: "row 55",
    page: "callback.md",
    finds: "TwiML as a string, which is sent as `text/plain`",
    next: "Pass the object of Twilio.twiml itself, or a Twilio.Response with the content type text/xml.",
    *find(project) {
      for (const { source, reference } of usesOf(project, "callback")) {
        const text = textOf(reference.steps[0]?.args?.[1]);
        if (text === undefined || !/^\s*<(?:\?xml|Response)\b/.test(text)) continue;
        yield at(source, reference, "A string is sent as text/plain, also if it is XML");
      }
    },
  },
];
