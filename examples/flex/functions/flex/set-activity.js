// The same, with features beyond the template: roles, retries that end in time, data returned and errors thrown.
const { prepareFlexFunction, twilioExecute, HttpError } = require("@offhook/helpers");

const requiredParameters = [
  { key: "workerSid", purpose: "whose activity it is" },
  { key: "activitySid", purpose: "the new activity" },
];

async function setActivity(context, event) {
  const result = await twilioExecute(
    context,
    (client) =>
      client.taskrouter.v1
        .workspaces(context.TWILIO_FLEX_WORKSPACE_SID)
        .workers(event.workerSid)
        .update({ activitySid: event.activitySid }),
    { backoff: "exponential", breaker: true },
  );
  if (!result.success) throw HttpError.of(result);
  return { success: true, activity: result.data.activityName, setBy: event.TokenResult.identity };
}

exports.handler = prepareFlexFunction(requiredParameters, setActivity, {
  roles: ["admin", "supervisor"],
  returnsData: true,
});
