exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.MessagingResponse();
  twiml.message("Thanks for waiting.");
  setTimeout(() => callback(null, twiml), Number(event.ms));
};
