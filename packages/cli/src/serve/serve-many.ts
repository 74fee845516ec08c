/** `offhook serve`: many services, until a signal comes. */
import { authorityOf } from "@offhook/runtime/internal/host-address";
import { startLog } from "@offhook/runtime/log";
import { notices } from "@offhook/runtime/observe";
import { startServe, type ServeOptions, type ServeServer } from "@offhook/serve";
import type { CommandContext } from "../command-context.ts";
import { stopOnSignal } from "../shutdown.ts";
import { readVersion } from "../version.ts";

/** @returns the exit code, after the server has ended. @throws OffhookError */
export async function serveMany(options: ServeOptions, { stdout }: CommandContext): Promise<number> {
  const { settings } = options;
  const { log: format, logLevel: level, accessLog } = settings.server;
  const endLog = startLog({ format, level, accessLog, namesServices: true, stream: stdout });
  try {
    const server = await startServe(options);
    stdout.write(format === "json" ? jsonBanner(options, server) : textBanner(options, server));
    return await stopOnSignal(server, process, (signal) => {
      const message = `${signal}: stopping after the running invocations end. Repeat to stop at once.`;
      notices.publish({ level: "info", message });
    });
  } finally {
    endLog();
  }
}

function textBanner({ settings }: ServeOptions, server: ServeServer): string {
  const { firstStart, admin } = server.control;
  const apiUrl = apiUrlOf(settings, server);
  return [
    `Offhook ${readVersion()}`,
    "",
    `Data       ${settings.dataFolder}`,
    `API        ${apiUrl}`,
    `Functions  ${settings.publicScheme}://<service>-<digits>[-<suffix>].${baseDomainOf(settings, server)}`,
    `Runtimes   ${Object.keys(settings.nodes).join(", ")}`,
    ...(admin === undefined ? [] : [`Admin      http://${authorityOf(admin.host, admin.port)}`]),
    "",
    ...(firstStart === undefined
      ? []
      : [
          `Account    ${firstStart.accountSid}${firstStart.isMadeUp ? " (made up)" : ""}`,
          `Key        ${firstStart.key}:${firstStart.secret}`,
          "           The key is shown only now. Keep it.",
          "",
          ...(firstStart.isMadeUp
            ? [
                "The account is not one of Twilio's, so signatures of Twilio's requests do not match. To use your own,",
                "start with an empty folder and --account-sid and --auth-token-file.",
                "",
              ]
            : []),
          `Next: offhook login ${apiUrl}`,
          "",
        ]),
    ...(process.getuid?.() === 0
      ? []
      : ["Functions run as this user. Start the server as root to give each environment a user of its own.", ""]),
    "Ready. Press Ctrl+C to stop.",
    "",
  ].join("\n");
}

function jsonBanner({ settings }: ServeOptions, server: ServeServer): string {
  const { firstStart, admin } = server.control;
  return `${JSON.stringify({
    time: new Date().toISOString(),
    level: "info",
    event: "started",
    version: readVersion(),
    data: settings.dataFolder,
    apiUrl: apiUrlOf(settings, server),
    functions: server.functions,
    baseDomain: baseDomainOf(settings, server),
    ...(admin !== undefined && { admin }),
    ...(firstStart !== undefined && { firstStart }),
  })}\n`;
}

function apiUrlOf({ apiUrl }: ServeOptions["settings"], { control: { api } }: ServeServer): string {
  return apiUrl ?? `http://${authorityOf(api.host === "127.0.0.1" ? "localhost" : api.host, api.port)}`;
}

function baseDomainOf({ baseDomain }: ServeOptions["settings"], { functions }: ServeServer): string {
  return baseDomain.replace(/:0$/, `:${functions.port}`);
}
