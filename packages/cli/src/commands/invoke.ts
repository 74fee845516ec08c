/**
 * `offhook invoke`: calls one function once.
 */
import { webhookNames } from "@offhook/dashboard/webhook-names";
import { command } from "../command.ts";

export default command({
  usage: "<path> [folder] [options]",
  positionals: ["path", "folder"],
  about: `Runs one function of a project and prints its reply. Limits, access and the isolate are those of start.
Nothing listens on the network, so the function cannot call its own service by URL.

The path is that of the URL (/sms, or sms), optionally with a query, or that of the file
(functions/sms.protected.js). The reply's body goes to standard output, everything else to standard error.`,
  examples: [
    "offhook invoke sms --as sms --data Body=hours --signed",
    "offhook invoke 'api/products?search=tea' | jq .",
    `offhook invoke api/quote --json-data '{"items":[]}'`,
  ],
  options: {
    data: {
      kind: "list",
      short: "d",
      placeholder: "name=value",
      description: "A parameter: of a form, or of the query with GET and HEAD. May be given several times.",
    },
    "json-data": { kind: "text", placeholder: "json", description: "A JSON body." },
    body: {
      kind: "text",
      placeholder: "text|@file",
      description: "A body, sent unchanged: text, or @ and a file (@- for standard input).",
    },
    method: {
      kind: "text",
      short: "X",
      choices: ["GET", "POST", "HEAD", "OPTIONS"],
      description: "The default is POST with parameters, a body or --as, and GET otherwise.",
    },
    header: {
      kind: "list",
      short: "H",
      placeholder: "name: value",
      description: "A header of the request. May be given several times.",
    },
    as: {
      kind: "text",
      placeholder: "webhook",
      choices: webhookNames,
      description: `Send the parameters of a Twilio webhook: ${webhookNames.join(", ")}. --data overrides them.`,
    },
    signed: {
      kind: "switch",
      description: "Sign the request with AUTH_TOKEN, as Twilio does. Protected functions need this.",
    },
    json: {
      kind: "switch",
      description:
        "Print one line of JSON: status, headers, body, logs, durationMs, leftovers, problems, hints, error.",
    },
  },
  settings: ["env", "functionsFolder", "assetsFolder", "timeout", "memory", "publicUrl"],
  notes:
    "The project's offhook.json and the environment variables of all settings apply too: offhook start --help --all.",
  exitCodes: ["ok", "internal", "usage", "project", "node", "failed"],
  async run(input, context) {
    const { invoke } = await import("../invoke/invoke.ts");
    return await invoke(input, context);
  },
});
