import type { Handler, IncomingCall, Variables } from "@offhook/runtime/types";

export const handler: Handler<Variables, IncomingCall> = (context, event, callback) => {
  const twiml = new Twilio.twiml.VoiceResponse();
  twiml.say("Hello, and thank you for calling.");
  callback(null, twiml);
};
