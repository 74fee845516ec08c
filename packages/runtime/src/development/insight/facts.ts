/**
 * Defines hints, and the facts about a failed invocation from which detectors derive them.
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
  /** The top frame of the first stack, if it is not in the project: `RegExp.test (<anonymous>)`. Else empty. */
  readonly top: string;
  readonly notes: readonly string[];
}

/**
 * How much isolates report about invocations. A hardened isolate cannot have a second thread that looks where the first
 * one is, so it reports only its pending awaits. With a debugger, isolates report nothing.
 */
export type DiagnosisDetail = "all" | "waits" | "nothing";

export interface Facts {
  /** Code of the ledger. Undefined if the invocation has replied or still runs. */
  readonly code: FailedOutcome["code"] | undefined;
  readonly error: FailedOutcome["error"];
  /** Frames of the error in files of the project. */
  readonly frames: readonly StackFrame[];
  /** @returns undefined if the isolate did not report this state. */
  diagnosisOf(state: Diagnosis["state"]): ParsedDiagnosis | undefined;
  /** Names of the variables that are set, without their values. */
  readonly variables: readonly string[];
  /** The function's file. */
  readonly file: string;
  /** Empty if it is not known. */
  readonly method: string;
  /** The request's content type, without parameters: `multipart/form-data`. Empty if there is no type or no body. */
  readonly bodyType: string;
  readonly keys: ResourceKeys;
  readonly diagnosisDetail: DiagnosisDetail;
  /** Undefined for a file outside the project, and for a file without an outline. */
  outlineOf(file: string): SourceOutline | undefined;
}

/** Looks for one kind of mistake. Mostly it finds nothing and returns an empty list. */
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
  // Names come from stacks and messages, which can be forged.
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

/** The name of a function in a frame: `exports.handler`. Empty if it has no name. */
export function nameIn({ text }: StackFrame): string {
  return /^(?:async )?(?:new )?([\w$.<>#[\] ]+?) (?:\[as [\w$]+\] )?\(/.exec(text)?.[1] ?? "";
}
