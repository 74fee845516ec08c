// For a Run Function widget: tells a flow whether we are open. In the flow, split on {{widgets.NAME.parsed.open}}.
const { prepareStudioFunction } = require("@offhook/helpers");

const hours = { sales: [9, 17], support: [7, 21] };
const requiredParameters = [{ key: "department", purpose: "sales or support" }];

async function openingHours(context, event, callback, response, handleError) {
  try {
    const found = Object.hasOwn(hours, event.department) ? hours[event.department] : undefined;
    if (found === undefined) {
      response.setStatusCode(404);
      response.setBody({ success: false, message: `There is no department ${event.department}` });
      return callback(null, response);
    }
    const [opens, closes] = found;
    // The clock of a function is UTC. The parameter `at` asks about another time.
    const hour = (event.at ? new Date(event.at) : new Date()).getUTCHours();
    response.setBody({ success: true, open: hour >= opens && hour < closes, opens, closes });
    return callback(null, response);
  } catch (error) {
    return handleError(error);
  }
}

exports.handler = prepareStudioFunction(requiredParameters, openingHours);
