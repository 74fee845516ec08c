/**
 * What is known of an invocation that went wrong, as far as hints are made from it; and what a hint is.
 */
import type { Account, FailedOutcome } from "../../pool/invocation.ts";
import type { ResourceKeys } from "../../project/resource-key.ts";
import { framesOf, type StackFrame } from "../stack-frames.ts";

const { readFileSync } = process.getBuiltinModule("node:fs");

export interface Place {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Says what is probably the matter, and where that is in the author's own files. */
export interface Hint {
  readonly text: string;
  readonly place?: Place | undefined;
}

/** One of the isolate's accounts, with its stacks read. */
interface Told {
  /** Frames in files of the project, of each stack that has some. */
  readonly stacks: readonly (readonly StackFrame[])[];
  /** What is on top of the first of them, if that is none of the project: `RegExp.test (<anonymous>)`. */
  readonly top: string;
  readonly notes: readonly string[];
}

/**
 * What isolates tell of invocations. Hardened ones have no second thread, which could look where the first is, and only
 * tell what they wait for; with a debugger they tell nothing.
 */
export type Telling = "all" | "waits" | "nothing";

export interface Facts {
  /** Of the ledger; undefined where it has replied, or runs still. */
  readonly code: FailedOutcome["code"] | undefined;
  readonly error: FailedOutcome["error"];
  /** Frames of the error in files of the project. */
  readonly frames: readonly StackFrame[];
  /** @returns undefined where it did not say so. */
  told(state: Account["state"]): Told | undefined;
  /** Names alone: of the variables that are set. */
  readonly variables: readonly string[];
  /** The function's. */
  readonly file: string;
  /** Empty where it is not known. */
  readonly method: string;
  /** Of the request, without its parameters: `multipart/form-data`. Empty where it has none, or no body. */
  readonly bodyType: string;
  readonly keys: ResourceKeys;
  readonly telling: Telling;
  /** Lines of a file of the project, empty where it is gone or too large to look through. */
  linesOf(file: string): readonly string[];
}

/** Hints are of what has been found: nothing, mostly. Each is told of one kind of mistake. */
export type Detector = (facts: Facts) => readonly Hint[];

export interface Known {
  readonly folder: string;
  readonly variables: readonly string[];
  readonly file: string;
  readonly method?: string;
  readonly bodyType?: string;
  readonly keys?: ResourceKeys;
  readonly telling?: Telling;
  readonly code?: FailedOutcome["code"] | undefined;
  readonly error?: FailedOutcome["error"];
  readonly accounts?: readonly Account[] | undefined;
}

const noKeys: ResourceKeys = { functions: [], assets: [], sourceAssets: [], openAssets: [] };

/** Nobody writes longer ones, and patterns are held against each line. */
const longestSource = 500_000;
const longestLine = 500;

export function factsOf(known: Known): Facts {
  const {
    folder,
    variables,
    file,
    method = "",
    bodyType = "",
    keys = noKeys,
    telling = "all",
    code,
    error,
    accounts = [],
  } = known;
  const sources = new Map<string, readonly string[]>();
  const own = (stack: string): StackFrame[] => framesOf(stack, folder).filter(({ isOwn }) => isOwn);
  return {
    code,
    error,
    frames: error?.stack === undefined ? [] : own(error.stack),
    variables,
    file,
    method,
    bodyType,
    keys,
    telling,
    told(state) {
      const account = accounts.find((each) => each.state === state);
      if (account === undefined) return undefined;
      const first = account.stacks.find((stack) => own(stack).length > 0) ?? "";
      const top = framesOf(first, folder)[0];
      return {
        stacks: account.stacks.map(own).filter((frames) => frames.length > 0),
        top: top === undefined || top.isOwn ? "" : top.text,
        notes: account.notes,
      };
    },
    linesOf(name) {
      // Names come from stacks and messages, which can be made up.
      const isOwn = name.startsWith(`${folder}/`) && !/\/(?:node_modules|\.\.)\//.test(name);
      const lines = sources.get(name) ?? (isOwn ? readLines(name) : []);
      sources.set(name, lines);
      return lines;
    },
  };
}

function readLines(file: string): readonly string[] {
  try {
    const text = readFileSync(file, "utf8");
    return text.length > longestSource ? [] : text.split("\n").map((line) => line.slice(0, longestLine));
  } catch {
    return [];
  }
}

export function placeOf(frame: StackFrame | undefined): Place | undefined {
  if (frame?.file === undefined) return undefined;
  return { file: frame.file, line: frame.line, column: frame.column };
}

/** The name of a function in a frame: `exports.handler`. Empty where it has none. */
export function nameIn({ text }: StackFrame): string {
  return /^(?:async )?(?:new )?([\w$.<>#[\] ]+?) (?:\[as [\w$]+\] )?\(/.exec(text)?.[1] ?? "";
}
