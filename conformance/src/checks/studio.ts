import type { CheckGroup } from "../check.ts";
import type { Client } from "../client.ts";
import { expectSame } from "../expectations.ts";
import { StudioExecution, type WidgetRun } from "../studio.ts";

async function runFunction(client: Client, path: string, parameters: Record<string, string> = {}): Promise<WidgetRun> {
  const execution = new StudioExecution({ authToken: client.authToken() });
  const run = await execution.runFunction("widget", client.options.baseUrl + path, parameters);
  // Studio would treat it as a failure. For a check, a broken connection is not an answer.
  if (run.cause instanceof Error && "code" in run.cause) throw run.cause;
  return run;
}

function runReply(client: Client, name: string, parameters?: Record<string, string>): Promise<WidgetRun> {
  return runFunction(client, `/studio/reply?case=${name}`, parameters);
}

export const studio: CheckGroup = {
  section: "§12 Studio’s Run Function widget",
  checks: [
    {
      row: 183,
      title: "A function’s JSON object is parsed, redirects are followed, and protected functions work",
      confidence: "documented",
      expects: "success, with the parameters in event and the object in parsed",
      run: async (client) => {
        const run = await runReply(client, "object", { name: "Ahn", step: "1" });
        expectSame([run.transition, run.widget.status_code], ["success", 200], "transition, status");
        expectSame(run.widget.parsed, { name: "Ahn", step: "1" }, "parsed");
        const moved = await runReply(client, "redirect");
        expectSame([moved.transition, moved.widget.parsed], ["success", { name: "redirected" }], "redirected run");
        const guarded = await runFunction(client, "/p", { a: "1" });
        expectSame([guarded.transition, guarded.widget.status_code], ["success", 200], "protected function");
        const spoken = await runReply(client, "text", { name: "Ahn" });
        expectSame([spoken.widget.body, spoken.widget.parsed], ["hello Ahn", undefined], "body, parsed of text");
      },
    },
    {
      row: 184,
      title: "An error of the function takes the fail transition",
      confidence: "documented",
      expects: "fail with 81017 for callback(error), 81010 for other 4xx and 5xx",
      run: async (client) => {
        const failed = await runReply(client, "error");
        expectSame([failed.transition, failed.errorCode], ["fail", 81017], "transition, code");
        expectSame([failed.widget.status_code, failed.widget.body], [500, "no such customer"], "status, body");
        const missing = await runReply(client, "not-found");
        expectSame([missing.transition, missing.errorCode], ["fail", 81010], "transition, code of a 404");
      },
    },
    {
      row: 185,
      title: "A JSON array is not parsed",
      confidence: "documented",
      expects: "success, parsed not set",
      run: async (client) => {
        const run = await runReply(client, "array", { name: "Ahn" });
        expectSame(run.transition, "success", "transition");
        expectSame([run.widget.body, run.widget.parsed], ['[{"name":"Ahn"}]', undefined], "body, parsed");
      },
    },
    {
      row: 186,
      title: "A reply of more than 64 kB fails",
      confidence: "documented",
      expects: "fail for 65 kB, success for 63 kB",
      run: async (client) => {
        const within = await runReply(client, "large", { bytes: String(63 * 1024) });
        expectSame([within.transition, within.widget.body.length], ["success", 63 * 1024], "transition, length");
        const beyond = await runReply(client, "large", { bytes: String(65 * 1024) });
        expectSame([beyond.transition, beyond.errorCode], ["fail", 81010], "transition, code");
      },
    },
  ],
};
