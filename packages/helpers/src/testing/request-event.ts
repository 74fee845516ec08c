/**
 * What Studio and Flex send: the parameters that the author gave them there.
 */
import { eventOf, flexHeaders, studioHeaders } from "./twilio-event.ts";
import type { EventOverrides, EventRequest } from "./twilio-event.ts";

export type StudioRequest<Given> = Omit<Given, "request"> & { request: EventRequest };

/** The Run Function widget of a flow has called, with the parameters set there. */
export function studioRequest<const Given extends EventOverrides>(
  parameters: Given = {} as Given,
): StudioRequest<{ -readonly [Name in keyof Given]: string }> {
  return eventOf(studioHeaders, {}, parameters);
}

export type FlexRequest<Given> = StudioRequest<Given> & { Token: string };

/** A Flex plugin has called, with its user's `Token`: take one that a token service has issued, if it is to be good. */
export function flexRequest<const Given extends EventOverrides>(
  parameters: Given = {} as Given,
): FlexRequest<{ -readonly [Name in keyof Given]: string }> {
  return eventOf(flexHeaders, { Token: "fake-flex-token" }, parameters);
}
