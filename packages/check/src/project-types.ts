/**
 * What a project has, as declarations for TypeScript: names, never a value.
 */
import { privateAssetsOf } from "@offhook/runtime/project";
import type { Service } from "@offhook/runtime/service";

export const typesFileName = "offhook-env.d.ts";

/** As it is quoted in the file. This package does not import it. */
const twilio = JSON.stringify("twilio");

/** All in order of code units, which is the same on every machine. */
export interface ProjectNames {
  readonly variables: readonly string[];
  /** Keys in `Runtime.getFunctions()`. */
  readonly functions: readonly string[];
  /** Keys in `Runtime.getAssets()`. */
  readonly privateAssets: readonly string[];
}

export function namesOf({ variables, functions, assets }: Service): ProjectNames {
  return {
    variables: Object.keys(variables).toSorted(byCodeUnit),
    functions: functions.map(({ name }) => name).toSorted(byCodeUnit),
    privateAssets: Object.keys(privateAssetsOf({ assets }).assets).toSorted(byCodeUnit),
  };
}

/**
 * The text of the file. It merges into interfaces of `@offhook/runtime/types`, which say what becomes of the names.
 *
 * `twilio` is named here because a package is looked for from where it is named: so it is the project's own, and not the
 * one that comes with Offhook. `TZ` is left out because some versions of Node's types have it already, as what may be missing.
 */
export function typesText({ variables, functions, privateAssets }: ProjectNames): string {
  return `// Written by "offhook types": what this project has, so that TypeScript and editors know it. Run that again when
// variables, functions or private assets come or go; what is changed here by hand is lost. It holds names and no values
// of variables, so it belongs into version control. "offhook types --check" tells if it is out of date.
/* eslint-disable */

/// <reference types="@offhook/runtime/globals" />
import type { ProjectVariables } from "@offhook/runtime/types";

declare module "@offhook/runtime/types" {
  interface Project {
    isKnown: true;
    // @ts-ignore: without that package it is any
    twilio: typeof import(${twilio});
  }
${interfaceText("ProjectVariables", variables, "string")}
${interfaceText("ProjectFunctions", functions, "FunctionResource")}
${interfaceText("ProjectAssets", privateAssets, "AssetResource")}
}

declare global {
  namespace NodeJS {
    interface ProcessEnv extends Omit<ProjectVariables, "TZ"> {}
  }
}
`;
}

function interfaceText(name: string, keys: readonly string[], type: string): string {
  if (keys.length === 0) return `  interface ${name} {}`;
  return [`  interface ${name} {`, ...keys.map((key) => `    ${keyText(key)}: ${type};`), "  }"].join("\n");
}

/** JSON has all that a string of TypeScript needs. What cannot be seen is escaped too: it could make a line look like another. */
function keyText(key: string): string {
  if (/^[A-Za-z_$][\w$]*$/.test(key)) return key;
  return JSON.stringify(key).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }).join("");
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
