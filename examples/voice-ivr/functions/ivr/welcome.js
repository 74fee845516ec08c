// The webhook of a phone number's incoming calls.
const { voice, menuPrompt } = require(Runtime.getFunctions()["ivr/speech"].path);

exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.VoiceResponse();
  twiml.gather({ numDigits: 1, timeout: 5, action: "/ivr/menu" }).say(voice, menuPrompt);
  // Reached when the caller presses nothing.
  twiml.say(voice, "We did not hear from you. Goodbye.");
  twiml.hangup();
  return callback(null, twiml);
};
