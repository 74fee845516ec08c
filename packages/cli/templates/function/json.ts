import type { Handler } from "@offhook/runtime/types";

export const handler: Handler = (context, event, callback) => {
  callback(null, { received: event });
};
