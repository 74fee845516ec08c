/**
 * Requests from Studio and Flex. Their parameters are the ones that the author set there.
 */
import { eventOf, flexHeaders, studioHeaders } from "./twilio-event.ts";
import type { EventOverrides, EventRequest } from "./twilio-event.ts";

export type StudioRequest<Given> = Omit<Given, "request"> & { request: EventRequest };

/** A call from the Run Function widget of a flow, with the parameters that are set there. */
export function studioRequest<const Given extends EventOverrides>(
  parameters: Given = {} as Given,
): StudioRequest<{ -readonly [Name in keyof Given]: string }> {
  return eventOf(studioHeaders, {}, parameters);
}

export type FlexRequest<Given> = StudioRequest<Given> & { Token: string };

/**
 * A call from a Flex plugin, with its user's `Token`. To pass the check, use a token that a fake token service has
 * issued.
 */
export function flexRequest<const Given extends EventOverrides>(
  parameters: Given = {} as Given,
): FlexRequest<{ -readonly [Name in keyof Given]: string }> {
  return eventOf(flexHeaders, { Token: "fake-flex-token" }, parameters);
}
