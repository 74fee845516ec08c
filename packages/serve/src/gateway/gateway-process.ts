import type { StartGateway } from "../operator/serving.ts";

/** Takes the place of the gateway until it is merged. */
export const startGateway: StartGateway = () => Promise.reject(new Error("This version has no gateway."));
