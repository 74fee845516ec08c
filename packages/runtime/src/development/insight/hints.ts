/**
 * All detectors of hints, the most certain first. Most of them find nothing in most invocations.
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

/** For an invocation that is answered with an error. */
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

/** For diagnoses that arrive while the invocation runs, or after its reply. The other diagnoses wait for the reply. */
const ofDiagnoses: Readonly<Partial<Record<Diagnosis["state"], Detector>>> = {
  ended,
  left,
  "called-again": calledAgain,
  "error-as-reply": errorAsReply,
  "promise-as-reply": promiseAsReply,
  "request-replaced": replacedRequest,
};

const maxHints = 8;

export function hintsOfFailure(known: FactSources): Hint[] {
  const facts = factsOf(known);
  return distinct(ofFailures.flatMap((detect) => detect(facts)));
}

/** Where two detectors say the same about one line, it is said once. */
function distinct(hints: readonly Hint[]): Hint[] {
  const keyOf = ({ text, place }: Hint): string => `${text} ${place?.file} ${place?.line}`;
  return [...new Map(hints.map((hint) => [keyOf(hint), hint])).values()].slice(0, maxHints);
}

export function hintsOfDiagnosis(known: Omit<FactSources, "diagnoses">, diagnosis: Diagnosis): Hint[] {
  const detect = ofDiagnoses[diagnosis.state];
  return detect === undefined ? [] : distinct(detect(factsOf({ ...known, diagnoses: [diagnosis] })));
}
