const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { prepareStudioFunction, twilioExecute, extractStandardResponse, sqliteStore } = require(
  Runtime.getFunctions()["common/helpers/function-helper"].path,
);

const requiredParameters = [
  { key: "callSid", purpose: "the call that asks for it" },
  { key: "phone", purpose: "the number to call back" },
];

async function createCallback(context, event, callback, response, handleError) {
  try {
    const result = await twilioExecute(context, (client) =>
      client.taskrouter.v1.workspaces(context.TWILIO_FLEX_WORKSPACE_SID).tasks.create({
        workflowSid: context.CALLBACK_WORKFLOW_SID,
        attributes: JSON.stringify({ type: "callback", phone: event.phone }),
      }),
    );
    response.setStatusCode(result.status);
    response.setBody({ ...extractStandardResponse(result), taskSid: result.data?.sid });
    return callback(null, response);
  } catch (error) {
    return handleError(error);
  }
}

// One callback for each call, even if Studio repeats the request or it reaches another process.
exports.handler = prepareStudioFunction(requiredParameters, createCallback, {
  idempotency: {
    key: (event) => event.callSid,
    store: sqliteStore(join(tmpdir(), `callbacks-${process.env.ACCOUNT_SID}.sqlite`)),
  },
});
