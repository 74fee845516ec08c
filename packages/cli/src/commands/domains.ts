import { OffhookError } from "@offhook/runtime/offhook-error";

import { actionCommand } from "../operators/actions.ts";

export default actionCommand({
  name: "domains",
  about: `Manages the host names under which a server serves functions. Each environment has one of its own. Others are
served once their owner has proven them with a TXT record.`,
  examples: [
    "offhook domains list --data /var/lib/offhook",
    "offhook domains add shop.example.com --environment ZE0123456789abcdef0123456789abcdef --data /var/lib/offhook",
    "offhook domains verify shop.example.com --data /var/lib/offhook",
  ],
  options: {
    environment: { kind: "text", placeholder: "sid", description: "For add: the environment that the name leads to." },
  },
  actions: {
    list: {
      summary: "list all host names",
      async run({ office }) {
        const { listDomains } = await import("@offhook/serve/operators/reports");
        return { value: await listDomains(office), none: "There are no domains." };
      },
    },
    add: {
      argument: "name",
      summary: "ask for a host name, and print its proof",
      accepts: ["environment"],
      async run({ office, argument, options: { environment } }) {
        const { addDomain } = await import("@offhook/serve/operators/domains");
        if (environment === undefined) {
          throw new OffhookError("setting-invalid", "Missing value for --environment. Expected the SID of one: ZE….");
        }
        const proof = await addDomain(office, argument, environment);
        const lines = [
          `Add this TXT record to DNS, then run: offhook domains verify ${proof.name}`,
          `Name   ${proof.record}`,
          `Value  ${proof.value}`,
        ];
        return { value: proof, lines };
      },
    },
    verify: {
      argument: "name",
      summary: "look for the proof, and serve the name",
      async run({ office, argument }) {
        const { verifyDomain } = await import("@offhook/serve/operators/domains");
        const verified = await verifyDomain(office, argument);
        return { value: verified, lines: [`${verified.name} is proven and leads to ${verified.environment}.`] };
      },
    },
    remove: {
      argument: "name",
      summary: "serve a host name no more",
      async run({ office, argument }) {
        const { removeDomain } = await import("@offhook/serve/operators/domains");
        await removeDomain(office, argument);
        return { value: { name: argument }, lines: [`${argument} is removed.`] };
      },
    },
  },
});
