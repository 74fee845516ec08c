/**
 * The baseline: one process with `node:http`, without a routing library. It does the work of the functions in plain
 * code. For TwiML and signatures, it calls the same package as the others. Usage: `node node-http.js PORT PROJECT`
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "node:querystring";
import { burn } from "./burn.js";

const [port, project] = process.argv.slice(2);
const authToken = /^AUTH_TOKEN=(.*)$/m.exec(readFileSync(join(project, ".env"), "utf8"))[1];
const terms = readFileSync(join(project, "assets/terms.txt"));
const termsTag = `"${createHash("sha1").update(terms).digest("base64")}"`;

// Loaded on first use, because loading takes hundreds of milliseconds.
let loadedTwilio;
const twilio = () => (loadedTwilio ??= createRequire(import.meta.url)("twilio"));

function sendJson(response, value) {
  const body = JSON.stringify(value);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function sendMessage(response, text) {
  const twiml = new (twilio().twiml.MessagingResponse)();
  twiml.message(text);
  const body = twiml.toString();
  response.writeHead(200, { "content-type": "text/xml", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function withForm(request, use) {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => use(parse(Buffer.concat(chunks).toString())));
}

const routes = {
  "/hello": (request, response, query) => sendJson(response, { hello: query.name }),
  "/twiml": (request, response) => sendMessage(response, "Thanks for your message."),
  "/sms": (request, response) => withForm(request, (form) => sendMessage(response, `${form.From} wrote: ${form.Body}`)),
  "/webhook": (request, response) =>
    withForm(request, (form) => {
      const signature = request.headers["x-twilio-signature"] ?? "";
      const url = `http://${request.headers.host}${request.url}`;
      if (twilio().validateRequest(authToken, signature, url, form)) sendJson(response, { accepted: form.MessageSid });
      else response.writeHead(403).end();
    }),
  "/wait": (request, response, query) => {
    const ms = Number(query.ms);
    setTimeout(() => sendJson(response, { waited: ms }), ms);
  },
  "/burn": (request, response, query) => sendJson(response, { burnt: burn(Number(query.rounds)) }),
  "/terms.txt": (request, response) => {
    if (request.headers["if-none-match"] === termsTag) {
      response.writeHead(304).end();
      return;
    }
    const headers = { "content-type": "text/plain; charset=utf-8", "content-length": terms.length, etag: termsTag };
    response.writeHead(200, headers).end(terms);
  },
};

createServer((request, response) => {
  const [path, search = ""] = request.url.split("?");
  const route = routes[path];
  if (route === undefined) response.writeHead(404).end();
  else route(request, response, parse(search));
}).listen(Number(port), "127.0.0.1");
