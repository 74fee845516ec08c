import { command } from "../command.ts";
import { logOptions, settingFlags } from "./log-options.ts";

export default command({
  usage: "--data <folder> [options]",
  positionals: [],
  about: `Serves many services. Twilio's own tools deploy to it, through Twilio's Serverless API.
The first start on an empty folder makes an account and a key, and prints the key once.`,
  examples: [
    "offhook serve --data data",
    "offhook serve --data /srv/offhook --base-domain functions.example.com --public-scheme https --api-url https://api.example.org --trust-proxy loopback",
  ],
  options: {
    ...logOptions,
    data: { kind: "text", placeholder: "folder", description: "Folder of the database and of everything deployed." },
    "api-port": { kind: "text", placeholder: "port", description: "Port of the API. Default: 3001." },
    "api-host": { kind: "text", placeholder: "address", description: "Address of the API. Default: 127.0.0.1." },
    "admin-port": {
      kind: "text",
      placeholder: "port",
      description: "Port for the questions of a TLS proxy (/tls?domain=…). Default: none.",
    },
    "admin-host": { kind: "text", placeholder: "address", description: "Its address. Default: 127.0.0.1." },
    "base-domain": {
      kind: "text",
      placeholder: "name[:port]",
      description: "Host names of environments end with it. Default: localhost:<port>.",
    },
    "public-scheme": {
      kind: "text",
      choices: ["http", "https"],
      placeholder: "scheme",
      description: "The scheme that callers of functions use: http or https. Default: http.",
    },
    "api-url": {
      kind: "text",
      placeholder: "url",
      description: "URL of the API as clients reach it. Default: the host that each client uses.",
    },
    "api-cors": { kind: "text", placeholder: "origin", description: "An origin that browsers may call the API from." },
    "no-account-token": {
      kind: "switch",
      description: "Accept API keys only, and not an account's SID with its auth token.",
    },
    runtime: {
      kind: "list",
      placeholder: "name=path",
      description: "The Node of a runtime, such as node22=/opt/node22/bin/node. The first one is the default.",
    },
    offline: { kind: "switch", description: "Install dependencies from npm's cache only." },
    "allow-scripts": {
      kind: "list",
      placeholder: "package",
      description: "Run the install scripts of this package. They can run any program.",
    },
    "log-retention": { kind: "text", placeholder: "days", description: "Days that log lines are kept. Default: 30." },
    "account-sid": { kind: "text", placeholder: "AC…", description: "At the first start: your Twilio account's SID." },
    "auth-token-file": {
      kind: "text",
      placeholder: "file",
      description: "At the first start: a file with that account's auth token.",
    },
    "max-services": { kind: "text", placeholder: "n", description: "Services of an account. Default: no limit." },
    "max-environments": {
      kind: "text",
      placeholder: "n",
      description: "Environments of a service. Default: no limit.",
    },
    "max-function-versions": {
      kind: "text",
      placeholder: "n",
      description: "Functions of a build. Default: no limit.",
    },
    "max-asset-versions": { kind: "text", placeholder: "n", description: "Assets of a build. Default: no limit." },
    "max-builds-per-hour": {
      kind: "text",
      placeholder: "n",
      description: "Builds of an account in an hour. Default: no limit.",
    },
    "max-variable-bytes": { kind: "text", placeholder: "n", description: "Bytes of a variable's value. Default: 450." },
    "max-requests-per-second": {
      kind: "text",
      placeholder: "n",
      description: "Requests of a key to the API in a second. Default: no limit.",
    },
  },
  settings: "all",
  mainSettings: ["port", "host", "trustProxy", "timeout", "concurrency", "hardened", "log", "accessLog"],
  exitCodes: ["ok", "internal", "usage", "project", "address", "node"],
  async run({ flags, options }, context) {
    const [{ serveMany }, { resolveServeSettings }] = await Promise.all([
      import("../serve/serve-many.ts"),
      import("../serve/serve-settings.ts"),
    ]);
    const resolved = await resolveServeSettings(settingFlags({ flags, options }), options, context.environment);
    return await serveMany(resolved, context);
  },
});
