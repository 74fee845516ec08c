/**
 * The choices that the phone keeps between visits, and their defaults.
 */
import type { FunctionInfo } from "../../api.ts";

export interface PhoneChoices {
  readonly tab: "messages" | "call";
  readonly from: string;
  readonly to: string;
  /** Paths of functions. Empty if the user has chosen none. */
  readonly messageFunction: string;
  readonly callFunction: string;
  readonly statusCallback: string;
  readonly hasSound: boolean;
}

/** Numbers that belong to nobody: 555-0100 to 555-0199 are reserved for fiction. */
const first: PhoneChoices = {
  tab: "messages",
  from: "+12025550123",
  to: "+12025550199",
  messageFunction: "",
  callFunction: "",
  statusCallback: "",
  hasSound: false,
};

const key = "offhook.phone";

/** The browser may forbid storage, and the stored text may be anything. */
export function readChoices(storage?: Pick<Storage, "getItem">): PhoneChoices {
  try {
    const kept = JSON.parse((storage ?? localStorage).getItem(key) ?? "{}") as Readonly<Record<string, unknown>>;
    const valid = Object.entries(first).map(([name, value]) => {
      const keptValue = kept[name];
      return [name, typeof keptValue === typeof value ? keptValue : value];
    });
    const choices = Object.fromEntries(valid) as unknown as PhoneChoices;
    return choices.tab === "call" ? choices : { ...choices, tab: "messages" };
  } catch {
    return first;
  }
}

export function keepChoices(choices: PhoneChoices, storage?: Pick<Storage, "setItem">): void {
  try {
    (storage ?? localStorage).setItem(key, JSON.stringify(choices));
  } catch {
    // Without storage, the choices last as long as the page.
  }
}

const names = { sms: /sms|messag|mms|whatsapp|chat|reply/i, voice: /voice|call|ivr|phone|dial/i };

/** Names of functions that usually start a call or a conversation. */
const beginning = /welcome|incoming|inbound|start|main|index|answer/i;

/** The kind that the path of a function shows, or undefined if it shows none or both. */
export function likelyKind(path: string): keyof typeof names | undefined {
  const [isSms, isVoice] = [names.sms.test(path), names.voice.test(path)];
  if (isSms === isVoice || /status|callback/i.test(path)) return undefined;
  return isSms ? "sms" : "voice";
}

/** Paths of functions that can be called. Those whose names fit the kind come first. */
export function likelyFunctions(functions: readonly FunctionInfo[], kind: keyof typeof names): string[] {
  const other = kind === "sms" ? "voice" : "sms";
  const rank = (path: string): number => {
    const fit = names[kind].test(path) ? 0 : names[other].test(path) ? 4 : 2;
    return fit + (beginning.test(path) ? 0 : 1);
  };
  return functions.flatMap(({ path }) => path ?? []).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
