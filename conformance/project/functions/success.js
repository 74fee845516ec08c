const replies = {
  object: () => ({ a: 1 }),
  array: () => [1],
  voice: () => new Twilio.twiml.VoiceResponse(),
  messaging: () => {
    const twiml = new Twilio.twiml.MessagingResponse();
    twiml.message("Ahoy & hello");
    return twiml;
  },
  null: () => null,
  true: () => true,
  number: () => 42,
  empty: () => "",
  xml: () => "<Response/>",
};

exports.handler = function (context, event, callback) {
  if (event.case === "nothing") {
    callback();
    return;
  }
  callback(null, replies[event.case]());
};
