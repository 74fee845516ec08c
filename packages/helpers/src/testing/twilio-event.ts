/**
 * The common part of all fake events: parameters of a form, and `request` (contract §4).
 */
import { clock } from "../clock.ts";

/** Header names are in lower case. */
export interface EventRequest {
  headers: Record<string, string>;
  cookies: Record<string, string>;
}

/** Parameters that Twilio always sends, and parameters that it sends sometimes. */
export type TwilioEvent<Always extends string, Sometimes extends string = never> = Record<Always, string> &
  Partial<Record<Sometimes, string>> & { request: EventRequest };

export interface EventOverrides {
  /** Overrides the event's default headers and cookies. */
  readonly request?: Partial<EventRequest>;
  /** A parameter by Twilio's name for it; undefined removes the default. */
  readonly [parameter: string]: string | Partial<EventRequest> | undefined;
}

type Parameters = Readonly<Record<string, string | undefined>>;

const form = "application/x-www-form-urlencoded";

/** 20 bytes long, like a real one. No key produces it. */
const fakeSignature = Buffer.from("fake signature, fake").toString("base64");

export const webhookHeaders: Readonly<Record<string, string>> = {
  accept: "*/*",
  "content-type": `${form}; charset=UTF-8`,
  "user-agent": "TwilioProxy/1.1",
  "x-twilio-signature": fakeSignature,
};
export const studioHeaders: Readonly<Record<string, string>> = {
  "content-type": form,
  "x-twilio-signature": fakeSignature,
};
export const flexHeaders: Readonly<Record<string, string>> = {
  accept: "*/*",
  "content-type": form,
  origin: "https://flex.twilio.com",
};

/**
 * A fresh event: the parameters, replaced by the overrides.
 * @throws TypeError for a parameter that is not a string, because a form has only strings.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows the type of the event
export function eventOf<Event>(
  headers: Readonly<Record<string, string>>,
  parameters: Parameters,
  { request, ...overrides }: EventOverrides,
): Event {
  const event: Record<string, unknown> = {
    request: { headers: { ...headers, ...request?.headers }, cookies: { ...request?.cookies } },
  };
  for (const [name, value] of Object.entries({ ...parameters, ...overrides })) {
    if (value === undefined) continue;
    if (typeof value !== "string")
      throw new TypeError(`Invalid parameter: ${name} is a ${typeof value}. Parameters of a form are strings.`);
    event[name] = value;
  }
  return event as Event;
}

/** An override that other parameters depend on. */
export function stringOf(overrides: EventOverrides, name: string): string | undefined {
  const value = overrides[name];
  return typeof value === "string" ? value : undefined;
}

/** Unassigned numbers: 555-0100 to 555-0199 are reserved for fiction. */
export const customerNumber = "+12025550123";
export const twilioNumber = "+12025550199";

const place = { City: "WASHINGTON", State: "DC", Zip: "20001", Country: "US" };

/** `FromCity`, `FromState`, `FromZip` and `FromCountry`, for each of these parties. */
export function placesOf(...parties: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    parties.flatMap((party) => Object.entries(place).map(([name, value]) => [party + name, value])),
  );
}

export type PlaceOf<Party extends string> = `${Party}${keyof typeof place}`;

export function today(): Date {
  return new Date(clock().now());
}
