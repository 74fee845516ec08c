/** The program of the control process. The gateway process starts it, and it ends with it. */
import { Link } from "../link/link.ts";
import type { ControlStart, GatewayNews, GatewayRequests, OutputLine } from "../link/messages.ts";
import { startControl, type ControlProcess } from "./control-process.ts";

let control: ControlProcess | undefined;
const waiting: OutputLine[] = [];

const link = new Link<GatewayRequests, never>(process as never, {
  answers: {
    async start({ settings, masterKey, account }: ControlStart) {
      try {
        control = await startControl({
          settings,
          masterKey: Buffer.from(masterKey, "base64"),
          account,
          gateway: link,
          onWarning: warn,
        });
        control.addOutput(waiting.splice(0));
        return control.addresses;
      } catch (error) {
        // After the answer has left.
        setImmediate(() => process.disconnect());
        throw error;
      }
    },
  },
  news: {
    output(lines: readonly OutputLine[]) {
      if (control === undefined) waiting.push(...lines);
      else control.addOutput(lines);
    },
    stopping: () => void end(),
  } satisfies { [K in keyof GatewayNews]: unknown },
  // The gateway process is gone. The database has everything that was acknowledged.
  onClosed: () => process.exit(),
});

// A signal from a terminal reaches both processes. The gateway process decides.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

async function end(): Promise<void> {
  await control?.stop();
  process.exit();
}

function warn(message: string): void {
  process.stderr.write(`${message}\n`);
}
