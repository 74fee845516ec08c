import { OffhookError } from "@offhook/runtime/offhook-error";

import { command } from "../command.ts";
import { operatorOptions, runInOffice } from "../operators/actions.ts";

export default command({
  usage: "[options]",
  positionals: [],
  about: "Shows who changed what on a server, newest first. The audit never contains values.",
  examples: ["offhook audit --data /var/lib/offhook --limit 20"],
  options: {
    limit: { kind: "text", placeholder: "number", description: "The number of entries. [100]" },
    ...operatorOptions,
  },
  settings: [],
  exitCodes: ["ok", "internal", "usage", "project"],
  async run({ options: { limit = "100", ...options } }, context) {
    if (!/^[1-9]\d{0,5}$/.test(limit))
      throw new OffhookError("setting-invalid", `Invalid value for --limit: "${limit}". Expected a positive integer.`);
    const { listAudit } = await import("@offhook/serve/operators/reports");
    return await runInOffice(options, context, async (office) => ({
      value: await listAudit(office, Number(limit)),
      none: "There are no entries.",
    }));
  },
});
