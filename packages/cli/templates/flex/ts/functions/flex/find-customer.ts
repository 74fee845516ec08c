// Finds the customer who is calling. A Flex plugin calls it with its worker's `Token`.
import { prepareFlexFunction } from "@offhook/helpers";

// Replace this with your own records.
const customers = new Map([["+12025550123", { name: "Ada", tier: "gold" }]]);
const requiredParameters = [{ key: "phone", purpose: "the customer's number" }];

export const handler = prepareFlexFunction(
  requiredParameters,
  async (context, event, callback, response, handleError) => {
    try {
      const customer = customers.get(event["phone"]) ?? null;
      console.log(`${event.TokenResult.identity} asks for ${event["phone"]}`);
      response.setBody({ success: true, customer });
      return callback(null, response);
    } catch (error) {
      return handleError(error);
    }
  },
);
