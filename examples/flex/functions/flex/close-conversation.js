const { prepareFlexFunction, twilioExecute, extractStandardResponse } = require(
  Runtime.getFunctions()["common/helpers/function-helper"].path,
);

const requiredParameters = [{ key: "conversationSid", purpose: "the conversation to close" }];

exports.handler = prepareFlexFunction(requiredParameters, async (context, event, callback, response, handleError) => {
  try {
    const result = await twilioExecute(context, (client) =>
      client.conversations.v1.conversations(event.conversationSid).update({ state: "closed" }),
    );
    response.setStatusCode(result.status);
    response.setBody({ ...extractStandardResponse(result), state: result.data?.state });
    return callback(null, response);
  } catch (error) {
    return handleError(error);
  }
});
