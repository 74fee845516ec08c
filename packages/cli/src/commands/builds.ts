import { actionCommand } from "../operators/actions.ts";

export default actionCommand({
  name: "builds",
  about: "Shows the builds of a server, and why a build failed.",
  examples: [
    "offhook builds list --data /var/lib/offhook --service my-service",
    "offhook builds show ZB0123456789abcdef0123456789abcdef --data /var/lib/offhook",
  ],
  options: {
    service: { kind: "text", placeholder: "service", description: "For list: only this service's builds." },
  },
  actions: {
    list: {
      summary: "list the latest builds",
      accepts: ["service"],
      async run({ office, options }) {
        const { listBuilds } = await import("@offhook/serve/operators/reports");
        return { value: await listBuilds(office, options.service), none: "There are no builds." };
      },
    },
    show: {
      argument: "sid",
      summary: "show a build, its files and dependencies, and why it failed",
      async run({ office, argument }) {
        const { readBuild } = await import("@offhook/serve/operators/reports");
        return { value: await readBuild(office, argument) };
      },
    },
  },
});
