// GET /api/greeting?name=Ada, or POST with a `name` in a form or in JSON.
exports.handler = function (context, event, callback) {
  const name = String(event.name ?? "").trim();
  if (name === "") {
    const response = new Twilio.Response();
    response.setStatusCode(400);
    response.appendHeader("Content-Type", "application/json");
    response.setBody({ error: "Say who you are: ?name=Ada" });
    return callback(null, response);
  }
  return callback(null, { greeting: `Hello, ${name}` });
};
