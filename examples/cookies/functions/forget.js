// Starts the conversation again.
exports.handler = function (context, event, callback) {
  const response = new Twilio.Response();
  response.setStatusCode(204);
  response.removeCookie("count");
  return callback(null, response);
};
