// For a Run Function widget: tells a flow whether we are open. In the flow, split on {{widgets.NAME.parsed.open}}.
import { prepareStudioFunction } from "@offhook/helpers";

const hours = new Map([
  ["sales", [9, 17]],
  ["support", [7, 21]],
] as const);
const requiredParameters = [{ key: "department", purpose: "sales or support" }];

export const handler = prepareStudioFunction(
  requiredParameters,
  async (context, event, callback, response, handleError) => {
    try {
      const found = hours.get(event["department"]);
      if (found === undefined) {
        response.setStatusCode(404);
        response.setBody({ success: false, message: `There is no department ${event["department"]}` });
        return callback(null, response);
      }
      const [opens, closes] = found;
      // The clock of a function is UTC. The parameter `at` asks about another time.
      const hour = (event["at"] ? new Date(event["at"]) : new Date()).getUTCHours();
      response.setBody({ success: true, open: hour >= opens && hour < closes, opens, closes });
      return callback(null, response);
    } catch (error) {
      return handleError(error);
    }
  },
);
