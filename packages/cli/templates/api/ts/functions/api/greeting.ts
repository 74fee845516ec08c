// GET /api/greeting?name=Ada, or POST with a `name` in a form or in JSON.
import type { Handler, Variables } from "@offhook/runtime/types";

interface Parameters {
  /** Not validated: the caller can send anything. */
  name?: unknown;
}

export const handler: Handler<Variables, Parameters> = (context, event, callback) => {
  const name = typeof event.name === "string" ? event.name.trim() : "";
  if (name === "") {
    const response = new Twilio.Response();
    response.setStatusCode(400);
    response.appendHeader("Content-Type", "application/json");
    response.setBody({ error: "Say who you are: ?name=Ada" });
    callback(null, response);
    return;
  }
  callback(null, { greeting: `Hello, ${name}` });
};
