/**
 * `offhook doctor`: examines the environment of a project.
 */
import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";
import { writeWrapped } from "../screen/screen.ts";
import { hasColor } from "../screen/palette.ts";

const twilio = "https://api.twilio.com/";
const askMs = 5_000;

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Checks what a project needs to run here: Node, isolates, port, clock, disk, packages, variables and
settings. Each line is ok, a warning or a problem. Warnings and problems say how to fix them. The doctor
changes nothing, runs no code of the project, and shows no values of variables. It only uses the network
with --online.

With --url and --signature, it checks nothing else. It says whether the signature of a webhook is valid with
the project's AUTH_TOKEN, and if not, why.`,
  examples: [
    "offhook doctor",
    "offhook doctor my-project --online",
    'offhook doctor --url https://my.example.org/sms --signature "$SIGNATURE" --data From=+12025550100 --data Body=Hi',
  ],
  options: {
    strict: { kind: "switch", description: `Also exit with ${exitCodes.findings} if there are only warnings.` },
    online: { kind: "switch", description: "Compare the clock with that of api.twilio.com." },
    url: {
      kind: "text",
      placeholder: "url",
      description: "Check a signature: the URL that Twilio called, exactly as it is set at Twilio.",
    },
    signature: { kind: "text", placeholder: "signature", description: "The value of X-Twilio-Signature." },
    data: {
      kind: "list",
      short: "d",
      placeholder: "name=value",
      description: "A signed parameter. May be given several times. Or the whole body: JSON, or @ and a file.",
    },
    method: {
      kind: "text",
      short: "X",
      choices: ["GET", "POST"],
      description: "With GET, the parameters belong to the query of the URL. [POST]",
    },
    json: { kind: "switch", description: "Print all results as one line of JSON." },
  },
  settings: ["port", "host", "env", "functionsFolder", "assetsFolder", "node", "isolateUser", "hardened", "memory"],
  exitCodes: ["ok", "internal", "usage", "project", "node", "findings"],
  async run({ positionals: [folder = "."], flags, options }, { stdout, environment }) {
    const { strict, online, json, url, signature, data, method } = options;
    if (url !== undefined && signature !== undefined) {
      const question = await import("@offhook/check/signature-question");
      const answer = await question.answerSignature({ url, signature, data, method }, folder, { flags, environment });
      if (json) stdout.write(question.signatureJson(answer));
      else writeWrapped(stdout, question.signatureText(answer));
      return answer.isValid ? exitCodes.ok : exitCodes.findings;
    }
    if (url !== undefined || signature !== undefined || data.length > 0 || method !== undefined)
      throw new OffhookError("setting-invalid", "To check a signature, pass both --url and --signature.");
    const [{ countOf, diagnose, jsonOf, textOf }, { readExaminedProject }] = await Promise.all([
      import("@offhook/check/doctor"),
      import("@offhook/check/examined-project"),
    ]);
    const examined = await readExaminedProject(folder, { flags, environment, askTime: online ? askTwilio : undefined });
    const diagnosis = await diagnose(examined);
    if (json) stdout.write(jsonOf(diagnosis));
    else writeWrapped(stdout, textOf(diagnosis, hasColor(stdout, environment)));
    const isBad = countOf(diagnosis, "problem") > 0 || (strict && countOf(diagnosis, "warning") > 0);
    return isBad ? exitCodes.findings : exitCodes.ok;
  },
});

/** Every HTTP reply has the time in its `Date` header, whatever its status. */
async function askTwilio(): Promise<Date> {
  const answer = await fetch(twilio, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(askMs) });
  const date = new Date(answer.headers.get("date") ?? "");
  if (Number.isNaN(date.getTime())) throw new Error("the answer has no date");
  return date;
}
