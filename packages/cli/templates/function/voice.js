exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.VoiceResponse();
  twiml.say("Hello, and thank you for calling.");
  return callback(null, twiml);
};
