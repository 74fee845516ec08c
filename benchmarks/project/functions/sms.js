exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.MessagingResponse();
  twiml.message(`${event.From} wrote: ${event.Body}`);
  return callback(null, twiml);
};
