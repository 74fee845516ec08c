// Twilio keeps cookies for each pair of numbers: state for one conversation, without a database.
exports.handler = function (context, event, callback) {
  const count = Number(event.request.cookies.count || 0) + 1;

  const twiml = new Twilio.twiml.MessagingResponse();
  twiml.message(count === 1 ? "Hello, stranger." : `This is your message number ${count}.`);

  const response = new Twilio.Response();
  response.appendHeader("Content-Type", "text/xml");
  response.setBody(twiml.toString());
  response.setCookie("count", String(count), ["Max-Age=3600"]);
  return callback(null, response);
};
