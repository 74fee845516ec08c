import type { Handler, IncomingMessage, Variables } from "@offhook/runtime/types";

export const handler: Handler<Variables, IncomingMessage> = (context, event, callback) => {
  const twiml = new Twilio.twiml.MessagingResponse();
  twiml.message(`You said: ${event.Body}`);
  callback(null, twiml);
};
