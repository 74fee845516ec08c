/**
 * For `functions-framework --source functions-framework.js --target handler`. It serves one function, so this one
 * selects the scenario by path, which costs almost nothing. The project's folder is in PROJECT.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { burn } from "./burn.js";

const project = process.env.PROJECT;
const authToken = /^AUTH_TOKEN=(.*)$/m.exec(readFileSync(join(project, ".env"), "utf8"))[1];

let loadedTwilio;
const twilio = () => (loadedTwilio ??= createRequire(import.meta.url)("twilio"));

function sendMessage(response, text) {
  const twiml = new (twilio().twiml.MessagingResponse)();
  twiml.message(text);
  response.type("text/xml").send(twiml.toString());
}

const routes = {
  "/hello": ({ query }, response) => response.json({ hello: query.name }),
  "/twiml": (request, response) => sendMessage(response, "Thanks for your message."),
  "/sms": ({ body }, response) => sendMessage(response, `${body.From} wrote: ${body.Body}`),
  "/webhook": ({ body, headers, originalUrl }, response) => {
    const signature = headers["x-twilio-signature"] ?? "";
    const isValid = twilio().validateRequest(authToken, signature, `http://${headers.host}${originalUrl}`, body);
    if (isValid) response.json({ accepted: body.MessageSid });
    else response.sendStatus(403);
  },
  "/wait": ({ query }, response) => {
    const ms = Number(query.ms);
    setTimeout(() => response.json({ waited: ms }), ms);
  },
  "/burn": ({ query }, response) => response.json({ burnt: burn(Number(query.rounds)) }),
  "/terms.txt": (request, response) => response.sendFile(join(project, "assets/terms.txt")),
};

export function handler(request, response) {
  const route = routes[request.path];
  if (route === undefined) response.sendStatus(404);
  else route(request, response);
}
