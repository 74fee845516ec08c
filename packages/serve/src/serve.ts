/** The package's entry for `offhook serve`. It loads no SQL: the commands of operators are in `operations.ts`. */
export type { ServeSettings } from "./control/serve-settings.ts";
export { startGateway } from "./gateway/gateway-process.ts";
export { startServing, type Serving, type StartGateway } from "./operator/serving.ts";
export { readAccountOptions, resolveServeSettings, type ServeSources } from "./operator/serve-settings-resolution.ts";
export type { FirstStart } from "./operator/first-start.ts";
