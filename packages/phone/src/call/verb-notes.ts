/**
 * Explains the verbs and nouns that the phone cannot run: what Twilio would do, what the phone does instead, and which
 * webhook would come.
 */
import { elementsOf, textOf } from "../twiml/element-text.ts";
import type { XmlElement } from "../twiml/xml-reader.ts";

/** Verbs at which the call stops until the user continues it. */
const stops: ReadonlyMap<string, string> = new Map([
  ["Connect", "Twilio would connect the call to a service"],
  ["Echo", "Twilio would play the caller's own voice back until they hang up"],
  ["Leave", "Twilio would take the caller out of the queue, but the caller is in none"],
  ["Pay", "Twilio would ask the caller for a payment card, and pass it to the payment connector"],
  ["Prompt", "Twilio would ask the caller for a payment card"],
  ["Refer", "Twilio would transfer the call by SIP REFER"],
  ["Queue", "Twilio would connect the caller to a queue"],
]);

/** The services of <Connect>. */
const services: ReadonlyMap<string, string> = new Map([
  ["Stream", "send the audio of the call to the WebSocket, and play what comes back"],
  ["ConversationRelay", "send the caller's words as text to the WebSocket, and speak the text that comes back"],
  ["Conversation", "add the caller to a Conversation"],
  ["VirtualAgent", "connect the caller to a Dialogflow agent"],
  ["Autopilot", "connect the caller to an Autopilot assistant"],
  ["Room", "connect the caller to a video room"],
  ["AiSession", "connect the caller to an AI session"],
]);

/** The background work of <Start> and <Stop>. */
const background: ReadonlyMap<string, string> = new Map([
  ["Stream", "a copy of the audio to a WebSocket"],
  ["Siprec", "a copy of the audio to a SIPREC recorder"],
  ["Recording", "a recording of the call"],
  ["Transcription", "a transcription of the call"],
  ["MediaFilter", "a filter on the audio"],
]);

/** Undefined if the phone runs the verb, or does not know it. */
export function stopNote(verb: XmlElement): string | undefined {
  const action = stops.get(verb.name);
  if (action === undefined) return undefined;
  const [noun] = elementsOf(verb);
  const service = noun === undefined ? undefined : services.get(noun.name);
  const target = noun?.attributes["url"] ?? textOf(verb);
  const text = service === undefined ? action : `Twilio would ${service}`;
  return `${text}${target === "" ? "" : ` (${target})`}. The phone waits instead${webhookNote(verb)}.`;
}

function webhookNote({ name, attributes }: XmlElement): string {
  const { action, statusCallback } = attributes;
  const next =
    action === undefined
      ? ", and continues with the next verb"
      : `, and continues with ${action}, without the fields that only Twilio knows`;
  const fields = name === "Pay" && action !== undefined ? " (such as Result and PaymentToken)" : "";
  const status = statusCallback === undefined ? "" : `. It sends nothing to ${statusCallback}`;
  return `${next}${fields}${status}`;
}

/** <Start> and <Stop> control work that runs beside the call. */
export function backgroundNote(verb: XmlElement): string {
  const nouns = elementsOf(verb);
  const what = nouns.map(({ name }) => background.get(name) ?? `<${name}>`).join(" and ") || "nothing";
  const callbacks = nouns.flatMap(
    ({ attributes }) =>
      attributes["statusCallback"] ?? attributes["recordingStatusCallback"] ?? attributes["statusCallbackUrl"] ?? [],
  );
  const reports = callbacks.length === 0 ? "" : ` Nothing is sent to ${callbacks.join(" and ")}.`;
  const does = verb.name === "Start" ? "start" : "stop";
  return `Twilio would ${does} ${what}. The phone does not, and the call continues.${reports}`;
}
