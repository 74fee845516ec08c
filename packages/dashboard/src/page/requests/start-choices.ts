/** The first steps with a project that has had no requests. All of them can succeed. */
import type { FunctionInfo, Project } from "../../api.ts";
import { hashOf } from "../hash-route.ts";
import { likelyFunctions, likelyKind } from "../phone/phone-choices.ts";
import { hasSigningKey } from "../signing.ts";

export interface StartChoice {
  readonly path: string;
  readonly title: string;
  readonly about: string;
  readonly href: string;
  /** Whether the link opens a new tab. */
  readonly isOutside: boolean;
}

export interface StartChoices {
  readonly choices: readonly StartChoice[];
  /** How many functions can be called, but are not among the choices. */
  readonly others: number;
  /** Whether there are protected functions that nothing can call, because there is no key to sign with. */
  readonly lacksAuthToken: boolean;
  /** A command for a shell, if one can succeed. */
  readonly command: StartCommand | undefined;
  readonly webhooks: readonly StartWebhook[];
}

interface StartCommand {
  readonly text: string;
  /** Whether the server gets the request, so that it appears on the page. */
  readonly isRecorded: boolean;
}

/** A URL to paste into the Console, as the Console names its field. */
interface StartWebhook {
  readonly field: string;
  readonly path: string;
}

const maxChoices = 5;

export function startChoices(project: Pick<Project, "functions" | "variables" | "url">): StartChoices {
  const { functions, url } = project;
  const canSign = hasSigningKey(project);
  const callable = functions.filter((each): each is Callable => each.path !== undefined);
  const reachable = callable.filter(({ visibility }) => canSign || visibility === "public");
  const sms = firstOf("sms", reachable);
  const voice = firstOf("voice", reachable);
  const others = reachable.filter(({ path }) => likelyKind(path) === undefined);
  const choices = [
    ...(sms === undefined ? [] : [messageChoice(sms.path)]),
    ...(voice === undefined ? [] : [callChoice(voice.path)]),
    ...others.map((each) => otherChoice(each, url)),
  ].slice(0, maxChoices);
  return {
    choices,
    others: callable.length - choices.length,
    lacksAuthToken: reachable.length < callable.length,
    command: commandFor([...others, ...[sms, voice].filter((each) => each !== undefined), ...reachable], url),
    webhooks: [
      ...(sms === undefined ? [] : [{ field: "A message comes in", path: sms.path }]),
      ...(voice === undefined ? [] : [{ field: "A call comes in", path: voice.path }]),
    ],
  };
}

type Callable = FunctionInfo & { readonly path: string };

/** The function that most likely answers the first message, or the call. */
function firstOf(kind: "sms" | "voice", functions: readonly Callable[]): Callable | undefined {
  const [path] = likelyFunctions(functions, kind).filter((each) => likelyKind(each) === kind);
  return functions.find((each) => each.path === path);
}

function messageChoice(path: string): StartChoice {
  const about = "Write to it as from a phone, and read its reply.";
  const href = hashOf({ view: "phone", tab: "messages", to: path });
  return { path, title: `Send a test SMS to ${path}`, about, href, isOutside: false };
}

function callChoice(path: string): StartChoice {
  const about = "Hear what it says, press keys, and see each webhook of the call.";
  const href = hashOf({ view: "phone", tab: "call", to: path });
  return { path, title: `Call ${path}`, about, href, isOutside: false };
}

function otherChoice({ path, visibility }: Callable, url: string): StartChoice {
  if (visibility === "public") {
    const about = "A GET request, in a new tab of this browser.";
    return { path, title: `Open ${path}`, about, href: `${url}${path}`, isOutside: true };
  }
  const about = "It is protected: the simulator signs the request as Twilio does.";
  const href = hashOf({ view: "simulator", to: path });
  return { path, title: `Send a signed webhook to ${path}`, about, href, isOutside: false };
}

/** Functions for webhooks read them. */
const typicalFields = "From=%2B12025550123 -d Body=Hello";

/** Requests of `curl` have no signature, so protected functions would refuse them. @param reachable best ones first. */
function commandFor(reachable: readonly Callable[], url: string): StartCommand | undefined {
  const open = reachable.find(({ visibility }) => visibility === "public");
  if (open !== undefined) {
    const fields = likelyKind(open.path) === undefined ? "" : ` -d ${typicalFields}`;
    return { text: `curl -i ${url}${open.path}${fields}`, isRecorded: true };
  }
  const [signed] = reachable;
  if (signed === undefined) return undefined;
  const kind = likelyKind(signed.path);
  return {
    text: `npx offhook invoke ${signed.path}${kind === undefined ? "" : ` --as ${kind}`} --signed`,
    isRecorded: false,
  };
}
