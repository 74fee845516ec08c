/** The examples of the rules for `package.json`. */
import { handler, type Files } from "./check-fixture.ts";

export interface RuleExample {
  readonly bad: Files;
  readonly at: readonly string[];
  readonly good: Files;
}

export function manifest(content: object): Files {
  return { "functions/a.js": handler(""), "package.json": JSON.stringify(content, null, 2) };
}

export const packageRuleExamples: Readonly<Record<string, RuleExample>> = {
  "engines-node": {
    bad: manifest({ engines: { node: "16.x" } }),
    at: ["package.json:3:1"],
    good: manifest({ engines: { node: ">=20" } }),
  },
  "engines-node-default": {
    bad: manifest({ engines: { node: ">=24" } }),
    at: ["package.json:3:1"],
    good: manifest({ engines: { node: "^22.10" } }),
  },
  "runtime-handler-version": {
    bad: manifest({ dependencies: { "@twilio/runtime-handler": "^1.0.0" } }),
    at: ["package.json:3:1"],
    good: manifest({ dependencies: { "@twilio/runtime-handler": "2.1.2" } }),
  },
  "dependency-source": {
    bad: manifest({ dependencies: { own: "file:../own", other: "someone/other" } }),
    at: ["package.json:3:1", "package.json:4:1"],
    good: manifest({ dependencies: { own: "^1.0.0", other: "npm:another@2", third: "latest" } }),
  },
  "dependency-packed": {
    bad: manifest({ dependencies: { "@offhook/helpers": "file:../offhook/packed/ab12/offhook-helpers-0.1.0.tgz" } }),
    at: ["package.json:3:1"],
    good: manifest({ dependencies: { "@offhook/helpers": "^0.1.0" } }),
  },
  "dependency-count": {
    bad: manifest({ dependencies: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`p${n}`, "1"])) }),
    at: ["package.json:2:1"],
    good: manifest({ dependencies: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`p${n}`, "1"])) }),
  },
};
