// Answers a text message. In the Twilio Console, set "A message comes in" of your phone number to /sms.
// `.protected` in the file's name: only requests that Twilio signed get here.
import type { Handler, IncomingMessage, Variables } from "@offhook/runtime/types";

export const handler: Handler<Variables, IncomingMessage> = (context, event, callback) => {
  console.log(`${event.From} says: ${event.Body}`);

  const twiml = new Twilio.twiml.MessagingResponse();
  const word = event.Body.trim().toLowerCase();
  twiml.message(word === "hours" ? "We are open from 9 to 17, Monday to Friday." : `You said: ${event.Body}`);
  callback(null, twiml);
};
