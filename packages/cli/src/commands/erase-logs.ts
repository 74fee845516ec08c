import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";
import { operatorOptions, runInOffice } from "../operators/actions.ts";

export default command({
  usage: "[options]",
  positionals: [],
  about: `Erases log lines of a server: those that match every option that you pass. If callers ask you to forget them,
pass their telephone number.`,
  examples: [
    "offhook erase-logs --data /var/lib/offhook --containing +15555550100",
    "offhook erase-logs --data /var/lib/offhook --before 2026-11-01",
  ],
  options: {
    environment: { kind: "text", placeholder: "sid", description: "Lines of this environment." },
    before: { kind: "text", placeholder: "date", description: "Lines before this day or time." },
    containing: { kind: "text", placeholder: "text", description: "Lines that contain this text." },
    ...operatorOptions,
  },
  settings: [],
  exitCodes: ["ok", "internal", "usage", "project"],
  async run({ options }, context) {
    const { environment, before, containing } = options;
    const { eraseLogs } = await import("@offhook/serve/operators/log-erasure");
    return await runInOffice(options, context, async (office) => {
      const erased = await eraseLogs(office, { environment, containing, before: readTime(before) });
      return { value: { erased }, lines: [`${erased} lines are erased.`] };
    });
  },
});

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new OffhookError("setting-invalid", `Invalid value for --before: "${text}". Expected a date: 2026-11-01.`);
}
