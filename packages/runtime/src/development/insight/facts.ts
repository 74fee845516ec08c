/**
 * What is known of an invocation that went wrong, as far as hints are made from it; and what a hint is.
 */
import type { Diagnosis, FailedOutcome } from "../../pool/invocation.ts";
import type { ResourceKeys } from "../../project/resource-key.ts";
import { framesOf, type StackFrame } from "../stack-frames.ts";
import type { OutlineReader, SourceOutline } from "./source-outline.ts";

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

/** One diagnosis of the isolate, with its stacks parsed. */
interface ParsedDiagnosis {
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
export type DiagnosisDetail = "all" | "waits" | "nothing";

export interface Facts {
  /** Of the ledger; undefined where it has replied, or runs still. */
  readonly code: FailedOutcome["code"] | undefined;
  readonly error: FailedOutcome["error"];
  /** Frames of the error in files of the project. */
  readonly frames: readonly StackFrame[];
  /** @returns undefined where it did not say so. */
  diagnosisOf(state: Diagnosis["state"]): ParsedDiagnosis | undefined;
  /** Names alone: of the variables that are set. */
  readonly variables: readonly string[];
  /** The function's. */
  readonly file: string;
  /** Empty where it is not known. */
  readonly method: string;
  /** Of the request, without its parameters: `multipart/form-data`. Empty where it has none, or no body. */
  readonly bodyType: string;
  readonly keys: ResourceKeys;
  readonly diagnosisDetail: DiagnosisDetail;
  /** Undefined for a file that is not the project's, or of which nothing is known. */
  outlineOf(file: string): SourceOutline | undefined;
}

/** Hints are of what has been found: nothing, mostly. Each is told of one kind of mistake. */
export type Detector = (facts: Facts) => readonly Hint[];

export interface FactSources {
  readonly folder: string;
  readonly variables: readonly string[];
  readonly file: string;
  readonly method?: string;
  readonly bodyType?: string;
  readonly keys?: ResourceKeys;
  readonly outlines?: OutlineReader | undefined;
  readonly diagnosisDetail?: DiagnosisDetail;
  readonly code?: FailedOutcome["code"] | undefined;
  readonly error?: FailedOutcome["error"];
  readonly diagnoses?: readonly Diagnosis[] | undefined;
}

const noKeys: ResourceKeys = { functions: [], assets: [], sourceAssets: [], openAssets: [] };

export function factsOf(sources: FactSources): Facts {
  const {
    folder,
    variables,
    file,
    method = "",
    bodyType = "",
    keys = noKeys,
    outlines,
    diagnosisDetail = "all",
    code,
    error,
    diagnoses = [],
  } = sources;
  // Names come from stacks and messages, which can be made up.
  const isOwn = (name: string): boolean => name.startsWith(`${folder}/`) && !/\/(?:node_modules|\.\.)\//.test(name);
  const ownFramesOf = (stack: string): StackFrame[] => framesOf(stack, folder).filter((frame) => frame.isInProject);
  return {
    code,
    error,
    frames: error?.stack === undefined ? [] : ownFramesOf(error.stack),
    variables,
    file,
    method,
    bodyType,
    keys,
    diagnosisDetail,
    diagnosisOf(state) {
      const diagnosis = diagnoses.find((each) => each.state === state);
      if (diagnosis === undefined) return undefined;
      const first = diagnosis.stacks.find((stack) => ownFramesOf(stack).length > 0) ?? "";
      const top = framesOf(first, folder)[0];
      return {
        stacks: diagnosis.stacks.map(ownFramesOf).filter((frames) => frames.length > 0),
        top: top === undefined || top.isInProject ? "" : top.text,
        notes: diagnosis.notes,
      };
    },
    outlineOf: (name) => (isOwn(name) ? outlines?.outlineOf(name) : undefined),
  };
}

export function placeOf(frame: StackFrame | undefined): Place | undefined {
  if (frame?.file === undefined) return undefined;
  return { file: frame.file, line: frame.line, column: frame.column };
}

/** The name of a function in a frame: `exports.handler`. Empty where it has none. */
export function nameIn({ text }: StackFrame): string {
  return /^(?:async )?(?:new )?([\w$.<>#[\] ]+?) (?:\[as [\w$]+\] )?\(/.exec(text)?.[1] ?? "";
}
