/**
 * The choices that the phone keeps between visits, and their defaults.
 */
import { channelOf, type Channel, type DeliveryOutcome } from "@offhook/phone/message-fields";
import type { FunctionInfo } from "../../api.ts";
import type { PhoneRoute } from "../hash-route.ts";

export interface PhoneChoices {
  readonly tab: "messages" | "call";
  readonly from: string;
  readonly to: string;
  /** Paths of functions. Empty if the user has chosen none. */
  readonly messageFunction: string;
  readonly callFunction: string;
  readonly statusCallback: string;
  readonly hasAllStatuses: boolean;
  readonly hasSound: boolean;
  readonly channel: Channel;
  /** The RCS sender, without `rcs:`. */
  readonly agent: string;
  readonly delivery: DeliveryOutcome;
}

/** Numbers that belong to nobody: 555-0100 to 555-0199 are reserved for fiction. */
const first: PhoneChoices = {
  tab: "messages",
  from: "+12025550123",
  to: "+12025550199",
  messageFunction: "",
  callFunction: "",
  statusCallback: "",
  hasAllStatuses: false,
  hasSound: false,
  channel: "sms",
  agent: "my_agent",
  delivery: "delivered",
};

const allowed: Partial<Record<keyof PhoneChoices, readonly unknown[]>> = {
  tab: ["messages", "call"],
  channel: ["sms", "whatsapp", "rcs"],
  delivery: ["delivered", "undelivered", "failed"],
};

const key = "offhook.phone";

/** The browser may forbid storage, and the stored text may be anything. */
export function readChoices(storage?: Pick<Storage, "getItem">): PhoneChoices {
  try {
    const kept = JSON.parse((storage ?? localStorage).getItem(key) ?? "{}") as Readonly<Record<string, unknown>>;
    const valid = Object.entries(first).map(([name, value]) => {
      const keptValue = kept[name];
      const values = allowed[name as keyof PhoneChoices];
      const isValid = values === undefined ? typeof keptValue === typeof value : values.includes(keptValue);
      return [name, isValid ? keptValue : value];
    });
    return Object.fromEntries(valid) as PhoneChoices;
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

/** The choices, with those that the page's URL names. */
export function withRoute(choices: PhoneChoices, route: PhoneRoute | undefined): PhoneChoices {
  if (route === undefined) return choices;
  const { tab = choices.tab, to, from = choices.from, number } = route;
  const target = to === undefined ? {} : tab === "call" ? { callFunction: to } : { messageFunction: to };
  const channel = tab === "call" ? choices.channel : channelIn(route, choices);
  const other = number === undefined ? {} : hasAgent({ tab, channel }) ? { agent: number } : { to: number };
  return { ...choices, tab, from, channel, ...other, ...target };
}

/** A route with a number is complete: without a channel, it is one of SMS. */
function channelIn({ channel, number }: PhoneRoute, choices: PhoneChoices): Channel {
  if (channel === "sms" || channel === "whatsapp" || channel === "rcs") return channel;
  return number === undefined ? choices.channel : "sms";
}

/** Whether messages go to an RCS sender instead of a number. */
function hasAgent({ tab, channel }: Pick<PhoneChoices, "tab" | "channel">): boolean {
  return tab === "messages" && channel === "rcs";
}

/** @param id of the request beside the phone. */
export function routeOf(choices: PhoneChoices, id?: string): PhoneRoute {
  const { tab, from, channel } = choices;
  const target = tab === "call" ? choices.callFunction : choices.messageFunction;
  const number = hasAgent(choices) ? choices.agent : choices.to;
  return {
    view: "phone",
    tab,
    ...(target !== "" && { to: target }),
    ...(from !== "" && { from }),
    ...(number !== "" && { number }),
    ...(tab === "messages" && channel !== "sms" && { channel }),
    ...(id !== undefined && { id }),
  };
}

/** The addresses as Twilio writes them. The user may already have written the prefix. */
export function addressesOf({ channel, from, to, agent }: PhoneChoices): {
  readonly from: string;
  readonly to: string;
} {
  const prefixed = (address: string): string =>
    channel === "sms" || channelOf(address) !== "sms" ? address : `${channel}:${address.trim()}`;
  return { from: prefixed(from), to: prefixed(channel === "rcs" ? agent : to) };
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
