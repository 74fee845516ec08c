import { OffhookError } from "@offhook/runtime/offhook-error";

import { actionCommand } from "../operators/actions.ts";
import { readAuthToken } from "../operators/auth-token.ts";

export default actionCommand({
  name: "accounts",
  about: "Manages the Twilio accounts that the services of a server stand for.",
  examples: [
    "offhook accounts list --data /var/lib/offhook",
    "offhook accounts create --data /var/lib/offhook --sid AC0123456789abcdef0123456789abcdef --auth-token-file token.txt",
  ],
  options: {
    sid: { kind: "text", placeholder: "sid", description: "For create: the SID of the account at Twilio." },
    name: { kind: "text", placeholder: "text", description: "For create: a name for people." },
    "auth-token-file": {
      kind: "text",
      placeholder: "file",
      description: "For create and token: a file with the account's auth token.",
    },
  },
  actions: {
    create: {
      summary: "add an account",
      accepts: ["sid", "name", "auth-token-file"],
      async run({ office, options }) {
        const { createAccount } = await import("@offhook/serve/operators/accounts");
        const { sid, name = "" } = options;
        if (sid === undefined)
          throw new OffhookError(
            "setting-invalid",
            "Missing value for --sid. Expected the SID of your Twilio account.",
          );
        const authToken = await readAuthToken(options["auth-token-file"]);
        await createAccount(await office.unlocked(), { sid, name, authToken });
        return {
          value: { sid },
          lines: [`Account ${sid} is ready. Create a key: offhook keys create --account ${sid}`],
        };
      },
    },
    list: {
      summary: "list all accounts",
      async run({ office }) {
        const { summarizeAccounts } = await import("@offhook/serve/operators/key-reports");
        return { value: await summarizeAccounts(office), none: "There are no accounts." };
      },
    },
    remove: {
      argument: "sid",
      summary: "remove an account that has no services, with its keys",
      async run({ office, argument }) {
        const { removeAccount } = await import("@offhook/serve/operators/accounts");
        await removeAccount(office, argument);
        return { value: { sid: argument }, lines: [`Account ${argument} is removed, with its keys.`] };
      },
    },
    token: {
      argument: "sid",
      summary: "replace the auth token of an account",
      accepts: ["auth-token-file"],
      async run({ office, argument, options }) {
        const { changeAuthToken } = await import("@offhook/serve/operators/accounts");
        const authToken = await readAuthToken(options["auth-token-file"]);
        await changeAuthToken(await office.unlocked(), argument, authToken);
        return { value: { sid: argument }, lines: [`Account ${argument} has the new auth token.`] };
      },
    },
  },
});
