import { actionCommand } from "../operators/actions.ts";

const setting = {
  kind: "list",
  short: "s",
  placeholder: "key=value",
  description: "For set: a setting and its value. For unset: a setting. May be repeated.",
} as const;

export default actionCommand({
  name: "services",
  about: `Lists the services of a server, and sets their settings. The operator's settings are stronger than those of
a deployment, and apply at once.`,
  examples: [
    "offhook services set my-service --data /var/lib/offhook --setting timeout=20s",
    "offhook services list --data /var/lib/offhook",
  ],
  options: { setting },
  actions: {
    list: {
      summary: "list all services with their domains and settings",
      async run({ office }) {
        const { listServices } = await import("@offhook/serve/operators/services");
        return { value: await listServices(office), none: "There are no services." };
      },
    },
    set: {
      argument: "service",
      summary: "set settings of a service",
      accepts: ["setting"],
      async run({ office, argument, options }) {
        const { setSettings } = await import("@offhook/serve/operators/services");
        return { value: await setSettings(office, argument, options.setting) };
      },
    },
    unset: {
      argument: "service",
      summary: "remove settings of a service",
      accepts: ["setting"],
      async run({ office, argument, options }) {
        const { unsetSettings } = await import("@offhook/serve/operators/services");
        return { value: await unsetSettings(office, argument, options.setting) };
      },
    },
  },
});
