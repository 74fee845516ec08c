/** `node fastify.js PORT PROJECT` */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import fastifyForm from "@fastify/formbody";
import fastifyStatic from "@fastify/static";
import fastify from "fastify";
import { burn } from "./burn.js";

const [port, project] = process.argv.slice(2);
const authToken = /^AUTH_TOKEN=(.*)$/m.exec(readFileSync(join(project, ".env"), "utf8"))[1];
const app = fastify();
app.register(fastifyForm);
app.register(fastifyStatic, { root: join(project, "assets") });

let loadedTwilio;
const twilio = () => (loadedTwilio ??= createRequire(import.meta.url)("twilio"));

function messageOf(reply, text) {
  const twiml = new (twilio().twiml.MessagingResponse)();
  twiml.message(text);
  return reply.type("text/xml").send(twiml.toString());
}

app.get("/hello", async ({ query }) => ({ hello: query.name }));
app.get("/twiml", (request, reply) => messageOf(reply, "Thanks for your message."));
app.post("/sms", ({ body }, reply) => messageOf(reply, `${body.From} wrote: ${body.Body}`));
app.post("/webhook", async ({ body, headers, url }, reply) => {
  const signature = headers["x-twilio-signature"] ?? "";
  if (!twilio().validateRequest(authToken, signature, `http://${headers.host}${url}`, body)) {
    return reply.code(403).send();
  }
  return { accepted: body.MessageSid };
});
app.get("/wait", async ({ query }) => {
  const ms = Number(query.ms);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return { waited: ms };
});
app.get("/burn", async ({ query }) => ({ burnt: burn(Number(query.rounds)) }));
await app.listen({ port: Number(port), host: "127.0.0.1" });
