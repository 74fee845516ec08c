exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.MessagingResponse();
  twiml.message("Thanks for your message.");
  return callback(null, twiml);
};
