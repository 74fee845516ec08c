const { prepareFlexFunction } = require("@offhook/helpers");

const requiredParameters = [];

exports.handler = prepareFlexFunction(requiredParameters, async (context, event, callback, response, handleError) => {
  try {
    response.setBody({ success: true });
    return callback(null, response);
  } catch (error) {
    return handleError(error);
  }
});
