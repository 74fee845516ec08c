const { prepareStudioFunction } = require("@offhook/helpers");

const requiredParameters = [];

exports.handler = prepareStudioFunction(requiredParameters, async (context, event, callback, response, handleError) => {
  try {
    response.setBody({ success: true });
    return callback(null, response);
  } catch (error) {
    return handleError(error);
  }
});
