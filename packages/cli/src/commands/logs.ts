import { statSync } from "node:fs";
import { resolve } from "node:path";

import { harOf } from "@offhook/dashboard/har";
import { Journal } from "@offhook/dashboard/journal";
import { exchangeText, rowText } from "@offhook/dashboard/journal-text";
import { chooseRequest } from "@offhook/dashboard/request-choice";
import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";
import { writeWrapped } from "../screen/screen.ts";
import { readVersion } from "../version.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Shows the requests to a project that offhook dev recorded in its folder .offhook: the last ones, newest at
the end, or one in full. Secrets are masked.`,
  examples: ["offhook logs --id last", "offhook logs --har > requests.har"],
  options: {
    number: { kind: "text", short: "n", placeholder: "number", description: "The number of requests to show. [20]" },
    id: {
      kind: "text",
      placeholder: "id",
      description: "Show one request in full: its id, the four characters from the log, or last.",
    },
    json: { kind: "switch", description: "Print each request in full, as one line of JSON." },
    har: { kind: "switch", description: "Print all requests as HAR, for the developer tools of a browser." },
  },
  settings: [],
  exitCodes: ["ok", "internal", "usage", "project", "node"],
  async run({ positionals: [folder = "."], options }, { stdout }) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new OffhookError("folder-missing", folder);
    const journal = await Journal.open(resolve(folder));
    const chosen =
      options.id === undefined
        ? journal.page(options.har ? Infinity : countOf(options.number)).exchanges.toReversed()
        : [chooseRequest(journal, options.id)];
    if (!options.json && !options.har && options.id === undefined) {
      const none = "No requests recorded yet. offhook dev records them.";
      writeWrapped(stdout, `${chosen.length === 0 ? none : chosen.map(rowText).join("\n")}\n`);
      return exitCodes.ok;
    }
    const exchanges = (await Promise.all(chosen.map(({ id }) => journal.exchange(id)))).filter(
      (each) => each !== undefined,
    );
    if (options.har) stdout.write(`${JSON.stringify(harOf(exchanges, "http://localhost:3000", readVersion()))}\n`);
    else
      for (const exchange of exchanges)
        stdout.write(`${options.json ? JSON.stringify(exchange) : exchangeText(exchange)}\n`);
    return exitCodes.ok;
  },
});

function countOf(text = "20"): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new OffhookError(
    "setting-invalid",
    `Invalid value for --number: "${text}". Expected a whole number from 1 up.`,
  );
}
