// Answers a call. In the Twilio Console, set "A call comes in" of your phone number to /voice/welcome.
exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.VoiceResponse();
  const gather = twiml.gather({ numDigits: 1, timeout: 5, action: "/voice/menu" });
  gather.say("Press 1 for our opening hours, or 2 to leave a message.");
  // Twilio gets here if the caller presses nothing.
  twiml.say("We did not hear from you. Goodbye.");
  return callback(null, twiml);
};
