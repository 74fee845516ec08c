import { OffhookError } from "@offhook/runtime/offhook-error";

import { actionCommand } from "../operators/actions.ts";

const dayMs = 24 * 60 * 60_000;

export default actionCommand({
  name: "keys",
  about: "Manages the API keys that clients use to deploy to a server. A secret is printed once, and never again.",
  examples: [
    "offhook keys create --data /var/lib/offhook --role deployer --services my-service",
    "offhook keys list --data /var/lib/offhook",
  ],
  options: {
    account: { kind: "text", placeholder: "sid", description: "For create: the key's account. [the only one]" },
    role: {
      kind: "text",
      choices: ["admin", "deployer", "reader"],
      description: "For create: what the key may do. [deployer]",
    },
    services: {
      kind: "text",
      placeholder: "names",
      description: "For create: names or SIDs of the only services that it may use, separated by commas. [all]",
    },
    name: { kind: "text", placeholder: "text", description: "For create: a name for people." },
    expires: { kind: "text", placeholder: "days", description: "For create: days until the key expires. [never]" },
  },
  actions: {
    create: {
      summary: "create a key and print its secret",
      accepts: ["account", "role", "services", "name", "expires"],
      async run({ office, options: { account, role = "deployer", services, name, expires } }) {
        const { createKey } = await import("@offhook/serve/operators/keys");
        const { onlyAccount } = await import("@offhook/serve/operators/key-reports");
        const issued = await createKey(office, {
          accountSid: account ?? (await onlyAccount(office)),
          role,
          name,
          services: services?.split(",").filter((each) => each !== ""),
          expiresAt: expires === undefined ? undefined : office.clock.next() + readDays(expires) * dayMs,
        });
        const lines = [`Key     ${issued.key}`, `Secret  ${issued.secret}`, "Keep the secret. It is not shown again."];
        return { value: issued, lines };
      },
    },
    list: {
      summary: "list all keys",
      async run({ office }) {
        const { summarizeKeys } = await import("@offhook/serve/operators/key-reports");
        return { value: await summarizeKeys(office), none: "There are no keys." };
      },
    },
    revoke: {
      argument: "key",
      summary: "make a key invalid",
      async run({ office, argument }) {
        const { revokeKey } = await import("@offhook/serve/operators/keys");
        await revokeKey(office, argument);
        return { value: { key: argument }, lines: [`Key ${argument} is revoked.`] };
      },
    },
    reseal: {
      summary: "replace the master key, while the server is stopped",
      async run({ office }) {
        const { reseal } = await import("@offhook/serve/operators/reseal");
        const ids = await reseal(office);
        return {
          value: ids,
          lines: [`The master key ${ids.to} has replaced ${ids.from}. Make a backup of the new key.`],
        };
      },
    },
  },
});

function readDays(text: string): number {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days >= 1) return days;
  throw new OffhookError("setting-invalid", `Invalid value for --expires: "${text}". Expected a number of days.`);
}
