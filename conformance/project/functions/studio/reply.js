const cases = {
  object: (event, callback) => callback(null, { name: event.name, step: event.step }),
  array: (event, callback) => callback(null, [{ name: event.name }]),
  text: (event, callback) => callback(null, `hello ${event.name}`),
  redirect: (event, callback) => {
    const response = new Twilio.Response();
    response.setStatusCode(302);
    response.appendHeader("Location", "/studio/reply?case=object&name=redirected");
    callback(null, response);
  },
  error: (event, callback) => callback("no such customer"),
  "not-found": (event, callback) => {
    const response = new Twilio.Response();
    response.setStatusCode(404);
    callback(null, response);
  },
  large: (event, callback) => callback(null, "x".repeat(Number(event.bytes))),
};

exports.handler = function (context, event, callback) {
  cases[event.case](event, callback);
};
