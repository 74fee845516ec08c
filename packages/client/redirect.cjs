/**
 * Sends requests to Twilio's Serverless API to an Offhook server instead. `offhook with` loads it into Node programs
 * with `--require`. It touches no other host, and never passes on the credentials that the program would have sent.
 *
 * It reads OFFHOOK_URL and OFFHOOK_API_KEY (`SK…:secret`), and is one file without dependencies, because it is loaded
 * into programs of others.
 */
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const path = require("node:path");

const originals = { http: http.request, https: https.request };

const base = readBase(process.env.OFFHOOK_URL);
const key = process.env.OFFHOOK_API_KEY;

if (base !== undefined && key !== undefined && key !== "") {
  addRegion(process.argv);
  redirectRequests();
  redirectFetch();
}

/** @returns {URL | undefined} */
function readBase(text) {
  if (text === undefined || text === "") return undefined;
  const url = new URL(text);
  const isLocal =
    /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname) || url.hostname.endsWith(".localhost");
  if (url.protocol === "https:" || (url.protocol === "http:" && isLocal)) return url;
  throw new Error(`OFFHOOK_URL is ${url.origin}. The key would travel unprotected, so only https is accepted there.`);
}

/** `serverless.twilio.com` and `serverless-upload.twilio.com`, with edge and region or without. */
function isServerlessHost(host) {
  return /^serverless(?:-upload)?(?:\.[a-z0-9-]+){0,2}\.twilio\.com$/i.test(host);
}

/**
 * Twilio's tools remember a service by account and region. With a region of its own, a project that was deployed to
 * Twilio keeps its entry there, and gets another one for this server.
 */
function addRegion(argv) {
  const program = argv[1] ?? "";
  const words = argv.slice(2);
  if (words.some((word) => word === "--region" || word.startsWith("--region="))) return;
  const command = words.find((word) => !word.startsWith("-")) ?? "";
  const isRunner = /(?:^|[\\/])twilio-run(?:\.js)?$/.test(program) || /[\\/]twilio-run[\\/]bin[\\/]/.test(program);
  const isCli = /(?:^|[\\/])twilio(?:\.js)?$/.test(program) || /[\\/]twilio-cli[\\/]bin[\\/]/.test(program);
  const names = "(?:deploy|promote|activate|list|list-templates|env|logs)";
  const takesRegion = isRunner
    ? new RegExp(`^${names}$`).test(command) && command !== "list-templates"
    : isCli && new RegExp(`^(?:serverless|flex:[a-z]+):${names}(?::|$)`).test(command);
  if (!takesRegion) return;
  argv.push("--region", "offhook");
  renameOldEntries(argv);
}

/**
 * Older versions remembered a service by account alone, and that entry stands in for every region without one. Newer
 * versions rename it in this way themselves, at their next deployment to Twilio.
 */
function renameOldEntries(argv) {
  const at = argv.indexOf("--cwd");
  const file = path.resolve(at === -1 ? "." : (argv[at + 1] ?? "."), ".twiliodeployinfo");
  try {
    const entries = Object.entries(JSON.parse(fs.readFileSync(file, "utf8")));
    if (entries.every(([name]) => name.includes(":"))) return;
    const renamed = entries.map(([name, entry]) => [name.includes(":") ? name : `${name}:us1`, entry]);
    fs.writeFileSync(file, JSON.stringify(Object.fromEntries(renamed), null, "\t"));
  } catch {
    // No such file, or not one of theirs.
  }
}

/** Wraps what programs call, in both modules, so that `require` and `import` see it. */
function redirectRequests() {
  for (const module of [http, https]) {
    const { request } = module;
    module.request = function (...args) {
      const found = readArguments(args);
      return found === undefined ? request.apply(this, args) : redirected(found);
    };
    module.get = function (...args) {
      const made = module.request(...args);
      made.end();
      return made;
    };
  }
  // `import { request } from "node:https"` reads a copy of the exports.
  require("node:module").syncBuiltinESMExports();
}

/** @returns the options of a request to a Serverless host. Undefined for every other request. */
function readArguments(args) {
  const [first] = args;
  const isUrl = typeof first === "string" || first instanceof URL;
  const url = isUrl ? new URL(first) : undefined;
  const options = { ...(isUrl && typeof args[1] === "object" ? args[1] : isUrl ? {} : first) };
  const host = options.hostname ?? (options.host ?? url?.hostname ?? "").replace(/:\d+$/, "");
  const port = options.port ?? url?.port ?? "";
  if (!isServerlessHost(host) && !isServer(host, port)) return undefined;
  const callback = args.find((each) => typeof each === "function");
  const target = options.path ?? (url === undefined ? "/" : url.pathname + url.search);
  return { options, target, callback };
}

/** Replies have URLs of the server itself. Programs follow them with the credentials that they have. */
function isServer(host, port) {
  const defaultPort = base.protocol === "https:" ? "443" : "80";
  return host === base.hostname && String(port || defaultPort) === (base.port || defaultPort);
}

function redirected({ options, target, callback }) {
  const {
    // Where the request would have gone, and as whom.
    agent: _agent,
    host: _host,
    hostname: _hostname,
    port: _port,
    protocol: _protocol,
    auth: _auth,
    servername: _name,
    href: _href,
    defaultPort: _defaultPort,
    socketPath: _socket,
    ca: _ca,
    cert: _cert,
    key: _key,
    pfx: _pfx,
    createConnection: _createConnection,
    lookup: _lookup,
    setHost: _setHost,
    ...kept
  } = options;
  const [module, original] = base.protocol === "https:" ? [https, originals.https] : [http, originals.http];
  const request = original.call(
    module,
    {
      ...kept,
      protocol: base.protocol,
      hostname: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port,
      path: target,
      headers: ownHeaders(options.headers),
    },
    callback,
  );
  return keepCredentials(request);
}

/** Programs may also set headers after they made the request. */
function keepCredentials(request) {
  for (const method of ["setHeader", "appendHeader", "removeHeader"]) {
    const original = request[method];
    request[method] = function (name, ...values) {
      return isReplaced(name) ? this : original.call(this, name, ...values);
    };
  }
  return request;
}

function isReplaced(name) {
  return /^(?:host|authorization|cookie|proxy-authorization)$/i.test(name);
}

/** Headers as an object, a list of pairs, or one list of names and values. */
function ownHeaders(headers) {
  const entries = Array.isArray(headers)
    ? Array.isArray(headers[0])
      ? headers
      : headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []))
    : Object.entries(headers ?? {});
  const kept = entries.filter(([name]) => !isReplaced(name));
  return { ...Object.fromEntries(kept), authorization: `Basic ${Buffer.from(key).toString("base64")}` };
}

function redirectFetch() {
  const { fetch } = globalThis;
  if (fetch === undefined) return;
  globalThis.fetch = function (input, init) {
    const url = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
    if (!isServerlessHost(url.hostname) && !isServer(url.hostname, url.port)) return fetch.call(this, input, init);
    const request = new Request(input, init);
    const target = new URL(url.pathname + url.search, base);
    const headers = new Headers(request.headers);
    for (const name of ["host", "cookie", "proxy-authorization"]) headers.delete(name);
    headers.set("authorization", `Basic ${Buffer.from(key).toString("base64")}`);
    const { method, body, signal, redirect } = request;
    return fetch.call(this, target, {
      method,
      headers,
      signal,
      redirect,
      ...(body !== null && { body, duplex: "half" }),
    });
  };
}
