const { prepareStudioFunction, executeWithRetry, extractStandardResponse } = require(
  Runtime.getFunctions()["common/helpers/function-helper"].path,
);

exports.handler = prepareStudioFunction(["order"], async (context, event, callback, response, handleError) => {
  try {
    const result = await executeWithRetry(context, async () => {
      const answer = await fetch(new URL(`/orders/${encodeURIComponent(event.order)}`, context.ORDERS_URL));
      if (!answer.ok) throw Object.assign(new Error(`The shop answered ${answer.status}`), { status: answer.status });
      return await answer.json();
    });
    response.setStatusCode(result.status);
    response.setBody({ ...extractStandardResponse(result), order: result.data });
    return callback(null, response);
  } catch (error) {
    return handleError(error);
  }
});
