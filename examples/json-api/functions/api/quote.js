// POST /api/quote {"items":[{"id":"tea","count":2}]}
const { find } = require(Runtime.getFunctions().catalogue.path);

exports.handler = function (context, event, callback) {
  if (!Array.isArray(event.items)) {
    return callback(null, problem(400, "Send the items as an array"));
  }

  let cents = 0;
  for (const { id, count } of event.items) {
    const product = find(id);
    if (!product) return callback(null, problem(404, `There is no product ${id}`));
    cents += product.cents * count;
  }
  return callback(null, { cents });
};

function problem(status, message) {
  const response = new Twilio.Response();
  response.setStatusCode(status);
  response.appendHeader("Content-Type", "application/json");
  response.setBody({ error: message });
  return response;
}
