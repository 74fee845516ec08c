// Finds the customer who is calling. A Flex plugin calls it with its worker's `Token`.
const { prepareFlexFunction } = require(Runtime.getFunctions()["common/helpers/function-helper"].path);

// Replace this with your own records.
const customers = { "+12025550123": { name: "Ada", tier: "gold" } };
const requiredParameters = [{ key: "phone", purpose: "the customer's number" }];

exports.handler = prepareFlexFunction(requiredParameters, async (context, event, callback, response, handleError) => {
  try {
    const customer = Object.hasOwn(customers, event.phone) ? customers[event.phone] : null;
    console.log(`${event.TokenResult.identity} asks for ${event.phone}`);
    response.setBody({ success: true, customer });
    return callback(null, response);
  } catch (error) {
    return handleError(error);
  }
});
