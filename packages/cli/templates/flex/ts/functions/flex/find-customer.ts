// Called by a Flex plugin, with its worker's `Token`: who is calling?
import { prepareFlexFunction } from "@offhook/helpers";

// Stands for your own records.
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
