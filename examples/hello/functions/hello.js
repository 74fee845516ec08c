// GET /hello, GET /hello?name=Ada, or POST with a `name` in a form or in JSON.
exports.handler = function (context, event, callback) {
  const name = event.name || "World";
  return callback(null, { message: `Hello, ${name}` });
};
