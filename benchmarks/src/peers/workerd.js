/** A worker without the `twilio` package. It builds TwiML from strings, and checks signatures with Web Crypto. */
import { burn } from "./burn.js";

const encoder = new TextEncoder();
const entities = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;" };
const terms = { body: undefined, tag: undefined };

function messageOf(text) {
  const escaped = text.replace(/[<>&"']/g, (character) => entities[character]);
  const body = `<?xml version="1.0" encoding="UTF-8"?><Response><Message>${escaped}</Message></Response>`;
  return new Response(body, { headers: { "content-type": "text/xml" } });
}

async function formOf(request) {
  return Object.fromEntries(new URLSearchParams(await request.text()));
}

let key;
async function isSigned(request, form, authToken) {
  key ??= await crypto.subtle.importKey("raw", encoder.encode(authToken), { name: "HMAC", hash: "SHA-1" }, false, [
    "verify",
  ]);
  let signed = request.url;
  for (const name of Object.keys(form).toSorted()) signed += name + form[name];
  const signature = Uint8Array.from(atob(request.headers.get("x-twilio-signature") ?? ""), (c) => c.charCodeAt(0));
  return crypto.subtle.verify("HMAC", key, signature, encoder.encode(signed));
}

async function sendTerms(request, { TERMS }) {
  if (terms.body === undefined) {
    const digest = await crypto.subtle.digest("SHA-1", encoder.encode(TERMS));
    terms.tag = `"${btoa(String.fromCharCode(...new Uint8Array(digest)))}"`;
    terms.body = encoder.encode(TERMS);
  }
  if (request.headers.get("if-none-match") === terms.tag) return new Response(null, { status: 304 });
  return new Response(terms.body, { headers: { "content-type": "text/plain; charset=utf-8", etag: terms.tag } });
}

const routes = {
  "/hello": (request, { searchParams }) => Response.json({ hello: searchParams.get("name") }),
  "/twiml": () => messageOf("Thanks for your message."),
  "/sms": async (request) => {
    const form = await formOf(request);
    return messageOf(`${form.From} wrote: ${form.Body}`);
  },
  "/webhook": async (request, url, env) => {
    const form = await formOf(request);
    if (!(await isSigned(request, form, env.AUTH_TOKEN))) return new Response(null, { status: 403 });
    return Response.json({ accepted: form.MessageSid });
  },
  "/wait": async (request, { searchParams }) => {
    const ms = Number(searchParams.get("ms"));
    await new Promise((resolve) => setTimeout(resolve, ms));
    return Response.json({ waited: ms });
  },
  "/burn": (request, { searchParams }) => Response.json({ burnt: burn(Number(searchParams.get("rounds"))) }),
  "/terms.txt": (request, url, env) => sendTerms(request, env),
};

export default {
  fetch(request, env) {
    const url = new URL(request.url);
    const route = routes[url.pathname];
    return route === undefined ? new Response(null, { status: 404 }) : route(request, url, env);
  },
};
