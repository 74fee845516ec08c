// Somebody calls: point a phone number's "a call comes in" at /voice/welcome.
exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.VoiceResponse();
  const gather = twiml.gather({ numDigits: 1, timeout: 5, action: "/voice/menu" });
  gather.say("Press 1 for our opening hours, or 2 to leave a message.");
  // Reached when the caller presses nothing.
  twiml.say("We did not hear from you. Goodbye.");
  return callback(null, twiml);
};
