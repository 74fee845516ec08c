// <Gather> calls this function. `Digits` has the key that was pressed.
const { voice } = require(Runtime.getFunctions()["ivr/speech"].path);

exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.VoiceResponse();

  switch (event.Digits) {
    case "1":
      twiml.say(voice, "Putting you through.");
      twiml.dial({ timeout: 20 }, context.SALES_NUMBER);
      break;
    case "2":
      twiml.say(voice, "We are open from nine to five, Monday to Friday. Goodbye.");
      twiml.hangup();
      break;
    default:
      twiml.say(voice, "That is not one of the choices.");
      twiml.redirect("/ivr/welcome");
  }
  return callback(null, twiml);
};
