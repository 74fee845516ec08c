exports.handler = function (context, event, callback) {
  const twilio = require("twilio");
  callback(null, { function: typeof twilio, twiml: new twilio.twiml.VoiceResponse().toString() });
};
