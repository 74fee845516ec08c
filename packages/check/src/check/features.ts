/**
 * The features of the platform that a project uses. The list shows at a glance what the project needs.
 */
import { beginsWith } from "../analysis/facts.ts";
import type { Reference } from "../analysis/facts.ts";
import type { CheckedProject, CheckedSource } from "./checked-project.ts";

export interface Feature {
  readonly id: string;
  readonly name: string;
  /** Files, in order. */
  readonly files: readonly string[];
}

interface FeatureRow {
  readonly id: string;
  readonly name: string;
  readonly isIn: (source: CheckedSource) => boolean;
}

function has(...names: readonly string[]): FeatureRow["isIn"] {
  return ({ facts }) => facts.references.some((reference) => beginsWith(reference, ...names));
}

function some(isIt: (reference: Reference) => boolean): FeatureRow["isIn"] {
  return ({ facts }) => facts.references.some(isIt);
}

const rows: readonly FeatureRow[] = [
  {
    id: "client",
    name: "Twilio's REST client",
    isIn: some((each) => beginsWith(each, "context", "getTwilioClient") || isClient(each)),
  },
  {
    id: "twiml",
    name: "TwiML",
    isIn: some(({ steps }) => steps[1]?.name === "twiml" && /^twilio$/i.test(steps[0]?.name ?? "")),
  },
  {
    id: "tokens",
    name: "access tokens",
    isIn: some(({ steps }) => steps[1]?.name === "jwt" && /^twilio$/i.test(steps[0]?.name ?? "")),
  },
  {
    id: "response",
    name: "Twilio.Response",
    isIn: some((each) => beginsWith(each, "Twilio", "Response") || beginsWith(each, "Response")),
  },
  { id: "sync", name: "Sync", isIn: has("Runtime", "getSync") },
  { id: "shared-functions", name: "other functions' files", isIn: has("Runtime", "getFunctions") },
  { id: "private-assets", name: "private assets", isIn: has("Runtime", "getAssets") },
  {
    id: "cookies",
    name: "cookies",
    isIn: some(
      ({ steps }) =>
        (steps[0]?.name === "event" && steps[2]?.name === "cookies") || steps.some(({ name }) => name === "setCookie"),
    ),
  },
  { id: "headers", name: "headers of the request", isIn: has("event", "request", "headers") },
  {
    id: "flex",
    name: "Flex tokens",
    isIn: some(({ steps }) =>
      steps.some(({ name }) => name === "prepareFlexFunction" || name === "twilio-flex-token-validator"),
    ),
  },
  {
    id: "studio",
    name: "wrappers for Studio",
    isIn: some(({ steps }) => steps.some(({ name }) => name === "prepareStudioFunction")),
  },
  {
    id: "protected",
    name: "signed requests (.protected)",
    isIn: ({ resource }) => resource?.visibility === "protected",
  },
];

/** `Twilio(sid, token)`, `require("twilio")(sid, token)`. */
function isClient({ steps }: Reference): boolean {
  return /^twilio$/i.test(steps[0]?.name ?? "") && steps[0]?.args !== undefined;
}

/** Only features that are used. */
export function featuresOf({ sources }: CheckedProject): Feature[] {
  return rows.flatMap(({ id, name, isIn }) => {
    const files = sources.filter(isIn).map(({ file }) => file);
    return files.length === 0 ? [] : [{ id, name, files }];
  });
}
