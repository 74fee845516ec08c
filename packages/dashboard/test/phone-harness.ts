/**
 * A page that contains only the phone and a preview. Its functions are a table of replies.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Project, SendRequest, Simulation } from "../src/api.ts";
import { contentSecurityPolicy, importMapText, readSiteFile } from "../src/site.ts";
import { askedOf, replyTo, type Asked, type Pages } from "../../phone/test/test-call.ts";

export interface Harness extends AsyncDisposable {
  readonly url: string;
  /** The requests that the page sent, in order. */
  readonly asked: Asked[];
  readonly requests: SendRequest[];
  /** Paths of sounds that the page played. */
  readonly sounds: string[];
  /** Paths of images that the page showed. */
  readonly images: string[];
  /** Any other requests. There must be none. */
  readonly strays: string[];
}

const simulations: Simulation[] = [
  {
    kind: "sms",
    title: "Incoming SMS",
    method: "POST",
    format: "form",
    fields: [
      { name: "Body", value: "Hello", isMain: true },
      { name: "AccountSid", value: "AC1", isMain: false },
      { name: "NumMedia", value: "0", isMain: false },
    ],
  },
  {
    kind: "voice",
    title: "Incoming call",
    method: "POST",
    format: "form",
    fields: [
      { name: "AccountSid", value: "AC1", isMain: false },
      { name: "Direction", value: "inbound", isMain: false },
    ],
  },
];

export async function startHarness(pages: Pages): Promise<Harness> {
  const asked: Asked[] = [];
  const requests: SendRequest[] = [];
  const sounds: string[] = [];
  const images: string[] = [];
  const strays: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/send") {
      void text(request).then((body) => {
        const sent = JSON.parse(body) as SendRequest;
        requests.push(sent);
        asked.push(askedOf(sent));
        response.end(JSON.stringify(replyTo(pages, askedOf(sent))));
      });
      return;
    }
    if (pathname === "/") {
      const nonce = "harness";
      response.setHeader("content-security-policy", contentSecurityPolicy(nonce, `http://localhost:${portOf(server)}`));
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(pageOf(nonce, projectAt(`http://localhost:${portOf(server)}`, pages)));
      return;
    }
    if (pathname.endsWith(".mp3")) {
      sounds.push(pathname);
      response.end();
      return;
    }
    if (pathname.startsWith("/media/") || pathname.endsWith(".png")) {
      images.push(pathname);
      response.writeHead(200, { "content-type": "image/png" }).end(pixel);
      return;
    }
    const file = readSiteFile(pathname.slice(1));
    if (file === undefined) strays.push(pathname);
    response.writeHead(file === undefined ? 404 : 200, { "content-type": file?.type ?? "text/plain" });
    response.end(file?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    url: `http://localhost:${portOf(server)}/`,
    asked,
    requests,
    sounds,
    images,
    strays,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function projectAt(url: string, pages: Pages): Project {
  const functions = Object.keys(pages).map((path) => ({
    path,
    name: path.slice(1),
    visibility: "public" as const,
    file: `functions${path}.js`,
  }));
  return { version: "0.0.0", name: "harness", url, functions, assets: [], variables: [], hasEditor: false };
}

/** One transparent pixel. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/**
 * `show(text, kind)` draws a preview. `opened` lists the exchanges that the user opened, and `saved` the tests that the
 * phone saved.
 */
function pageOf(nonce: string, project: Project): string {
  const embedded = JSON.stringify({ project, simulations }).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Phone</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/page/twiml/twiml.css" />
    <link rel="stylesheet" href="/page/phone/phone.css" />
    <script type="importmap" nonce="${nonce}">${importMapText()}</script>
    <script type="module" nonce="${nonce}">
      import { h, render } from "preact";
      import { Phone } from "/page/phone/phone.tsx";
      import { TwimlPreview } from "/page/twiml/twiml-preview.tsx";
      document.documentElement.style.fontFamily = "system-ui, sans-serif";
      document.documentElement.style.fontSize = "15px";
      const { project, simulations } = ${embedded};
      globalThis.opened = [];
      globalThis.saved = [];
      const send = async (request) => {
        const sent = await (await fetch("/send", { method: "POST", body: JSON.stringify(request) })).json();
        return sent.status === 500 ? { ...sent, problem: "TypeError: no pizza" } : sent;
      };
      const onExchange = (id) => opened.push(id);
      const offerFile = async (file) => location.origin + "/media/" + file.size;
      const saveTest = async (file) => (saved.push(file), "test/" + file.name);
      const props = { project, simulations, send, onExchange, offerFile, saveTest };
      render(h(Phone, props), document.getElementById("phone"));
      globalThis.show = (text, kind) => render(h(TwimlPreview, { text, kind }), document.getElementById("preview"));
      document.body.dataset.isReady = "yes";
    </script>
  </head>
  <body>
    <div id="phone"></div>
    <div id="preview"></div>
  </body>
</html>
`;
}
