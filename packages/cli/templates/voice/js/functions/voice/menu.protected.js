// The menu's <Gather> calls this function, with the pressed key in `Digits`.
exports.handler = function (context, event, callback) {
  const twiml = new Twilio.twiml.VoiceResponse();
  switch (event.Digits) {
    case "1":
      twiml.say("We are open from nine to five, Monday to Friday. Goodbye.");
      break;
    case "2":
      twiml.say("Speak after the tone.");
      twiml.record({ maxLength: 60 });
      break;
    default:
      twiml.say("That is not one of the choices.");
      twiml.redirect("/voice/welcome");
  }
  return callback(null, twiml);
};
