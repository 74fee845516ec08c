import { actionCommand } from "../operators/actions.ts";

export default actionCommand({
  name: "domains",
  about: "Shows the host names under which a server serves functions.",
  examples: ["offhook domains list --data /var/lib/offhook"],
  options: {},
  actions: {
    list: {
      summary: "list all host names",
      async run({ office }) {
        const { listDomains } = await import("@offhook/serve/operators/reports");
        return { value: await listDomains(office), none: "There are no domains." };
      },
    },
  },
});
