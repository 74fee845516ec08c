import { setTimeout as delay } from "node:timers/promises";
import { changeVariable } from "../arrangements.ts";
import { NotVisible, type CheckGroup } from "../check.ts";
import type { Client } from "../client.ts";
import { expectSame, expectStatus, expectThat, objectOf } from "../expectations.ts";

async function contextOf(client: Client): Promise<Readonly<Record<string, unknown>>> {
  return objectOf(await client.get("/context"));
}

function expectPattern(value: unknown, pattern: RegExp, what: string): void {
  expectThat(typeof value === "string" && pattern.test(value), `${what} is ${JSON.stringify(value)}`);
}

export const context: CheckGroup = {
  section: "§3 context",
  checks: [
    {
      row: 108,
      title: "DOMAIN_NAME is a host without a scheme",
      confidence: "documented",
      expects: "a host name, with a port at most",
      run: async (client) =>
        expectPattern((await contextOf(client))["domainName"], /^(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?$/i, "DOMAIN_NAME"),
    },
    {
      row: 109,
      title: "PATH is the request's path",
      confidence: "documented",
      expects: "/context, without the query",
      run: async (client) => {
        expectSame((await contextOf(client))["path"], "/context", "PATH");
        expectSame(objectOf(await client.get("/context?x=1"))["path"], "/context", "PATH");
      },
    },
    {
      row: 110,
      title: "Variables are in context",
      confidence: "documented",
      expects: 'context.A is "1"',
      run: async (client) => {
        const seen = await contextOf(client);
        expectSame([seen["a"], seen["greeting"]], ["1", "hello there"], "A, GREETING");
      },
    },
    {
      row: 111,
      title: "Variables are in process.env",
      confidence: "inferred",
      expects: 'process.env.A is "1"',
      run: async (client) => expectSame((await contextOf(client))["processEnvA"], "1", "process.env.A"),
    },
    {
      row: 112,
      title: "A variable may override a default",
      confidence: "documented",
      expects: "context.DOMAIN_NAME is the variable's value",
      arrangement: "other-variables",
      run: async (client) => expectSame((await contextOf(client))["domainName"], "overridden.example", "DOMAIN_NAME"),
    },
    {
      row: 113,
      title: "Without credentials there is no token and no client",
      confidence: "documented",
      expects: "AUTH_TOKEN is null or absent, and getTwilioClient() throws: 500",
      arrangement: "other-variables",
      run: async (client) => {
        expectSame((await contextOf(client))["hasAuthToken"], false, "AUTH_TOKEN is there");
        expectStatus(await client.get("/client"), 500);
      },
    },
    {
      row: 114,
      title: "context names the service and the environment",
      confidence: "documented",
      expects: "SERVICE_SID is ZS and 32 hex digits, ENVIRONMENT_SID ZE and 32",
      run: async (client) => {
        const seen = await contextOf(client);
        expectPattern(seen["serviceSid"], /^ZS[\da-f]{32}$/, "SERVICE_SID");
        expectPattern(seen["environmentSid"], /^ZE[\da-f]{32}$/, "ENVIRONMENT_SID");
      },
    },
    {
      row: 115,
      title: "The time zone is UTC",
      confidence: "documented",
      expects: "getTimezoneOffset() is 0",
      run: async (client) => expectSame((await contextOf(client))["timezoneOffset"], 0, "time zone offset"),
    },
    {
      row: 116,
      title: "A changed variable is seen by the next calls",
      confidence: "documented",
      expects: "the new value within 3 s of saving .env, with no restart",
      arrangement: "other-variables",
      run: async (client) => {
        const { folder } = client.options;
        if (folder === undefined) throw new NotVisible("no write access to the project's .env");
        expectSame((await contextOf(client))["a"], "before", "A");
        await changeVariable(folder, "A", "after");
        const deadline = performance.now() + 3000;
        let seen: unknown;
        do {
          await delay(100);
          seen = (await contextOf(client))["a"];
        } while (seen !== "after" && performance.now() < deadline);
        expectSame(seen, "after", "A, 3 s after .env was changed,");
      },
    },
    {
      row: 117,
      title: "Variables of more than 3 kB are reported",
      confidence: "documented",
      expects: "a warning in the log (82006), or no start",
      arrangement: "large-context",
      judgeStart: (outcome) => {
        const logText = outcome.started ? (outcome.instance.logText?.() ?? "") : outcome.output;
        expectThat(
          /82006|context-too-large|context .*(?:large|size|limit)/i.test(logText),
          `${outcome.started ? "it started" : "it did not start"} and said nothing of it: ${JSON.stringify(logText.slice(-160))}`,
        );
      },
    },
  ],
};
