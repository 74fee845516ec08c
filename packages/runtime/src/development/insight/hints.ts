/**
 * Runs all detectors, the most certain first. Each works alone, and mostly finds nothing.
 */
import type { Diagnosis } from "../../pool/invocation.ts";
import { factsOf, type Detector, type Hint, type FactSources } from "./facts.ts";
import {
  calledAgain,
  errorAsReply,
  missingCredentials,
  missingPackage,
  missingParameter,
  missingVariable,
  promiseAsReply,
  misspeltHandler,
  wrongObject,
} from "./mistakes.ts";
import { replacedRequest } from "./replaced-request.ts";
import { namespaceCalled } from "./modules.ts";
import { missingResource } from "./resources.ts";
import { blocked, computing, ended, left, waiting } from "./unfinished.ts";

/** Detectors for an invocation that is answered with an error. */
const ofFailures: readonly Detector[] = [
  computing,
  blocked,
  ended,
  waiting,
  replacedRequest,
  missingCredentials,
  missingVariable,
  missingResource,
  namespaceCalled,
  wrongObject,
  missingParameter,
  misspeltHandler,
  missingPackage,
  errorAsReply,
];

/**
 * Detectors for diagnoses that are logged at once, while the invocation runs or after its reply. Others wait for the
 * reply.
 */
const ofDiagnoses: Readonly<Partial<Record<Diagnosis["state"], Detector>>> = {
  ended,
  left,
  "called-again": calledAgain,
  "error-as-reply": errorAsReply,
  "promise-as-reply": promiseAsReply,
  "request-replaced": replacedRequest,
};

const maxHints = 8;

export function hintsOfFailure(sources: FactSources): Hint[] {
  const facts = factsOf(sources);
  return withoutDuplicates(ofFailures.flatMap((detect) => detect(facts)));
}

/** Drops a hint if another detector found the same for the same line. */
function withoutDuplicates(hints: readonly Hint[]): Hint[] {
  const keyOf = ({ text, place }: Hint): string => `${text} ${place?.file} ${place?.line}`;
  return [...new Map(hints.map((hint) => [keyOf(hint), hint])).values()].slice(0, maxHints);
}

export function hintsOfDiagnosis(sources: Omit<FactSources, "diagnoses">, diagnosis: Diagnosis): Hint[] {
  const detect = ofDiagnoses[diagnosis.state];
  return detect === undefined ? [] : withoutDuplicates(detect(factsOf({ ...sources, diagnoses: [diagnosis] })));
}
