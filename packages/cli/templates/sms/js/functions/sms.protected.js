// A text message has come in: point a phone number's "a message comes in" at /sms.
// `.protected` in the file's name: only requests that Twilio has signed get here.
exports.handler = function (context, event, callback) {
  console.log(`${event.From} says: ${event.Body}`);

  const twiml = new Twilio.twiml.MessagingResponse();
  const word = event.Body.trim().toLowerCase();
  twiml.message(word === "hours" ? "We are open from 9 to 17, Monday to Friday." : `You said: ${event.Body}`);
  return callback(null, twiml);
};
