/**
 * The author's terminal: the log in its form for people, and keys if they can be pressed.
 */
import type { LogFormat } from "@offhook/runtime/log";
import { notices } from "@offhook/runtime/observe";
import type { Project } from "@offhook/runtime/project";
import type { Settings } from "@offhook/runtime/settings";

import type { ModeTerminal, TerminalActions } from "../../serving.ts";
import type { KeyInput, CommandContext } from "../../command-context.ts";
import { createAuthorLog } from "./author-log.ts";
import { Details } from "./details.ts";
import { keyHelp, Keys, type KeySignals } from "./keys.ts";
import { hasColor } from "./palette.ts";

/** Clears the screen and the scrollback, and moves the cursor to the top. */
const clearScreen = "\u001b[2J\u001b[3J\u001b[H";

export class AuthorTerminal implements ModeTerminal {
  readonly logFormat: LogFormat;
  readonly hint: string;
  readonly #stdout: CommandContext["stdout"];
  /** Undefined if there are no keys: standard input or output is not a terminal. */
  readonly #input: KeyInput | undefined;
  readonly #settings: Settings;
  readonly #signals: KeySignals | undefined;
  readonly #details = new Details();
  #keys: Keys | undefined;

  constructor({ service }: Project, settings: Settings, context: CommandContext, signals?: KeySignals) {
    const { stdout, environment } = context;
    this.#stdout = stdout;
    this.#settings = settings;
    this.#signals = signals;
    this.#input = stdout.isTTY === true && environment["TERM"] !== "dumb" ? context.stdin : undefined;
    this.hint = this.#input === undefined ? "Press Ctrl+C to stop." : "Press h for keys, Ctrl+C to stop.";
    this.logFormat = createAuthorLog({
      folder: service.folder,
      isColored: hasColor(stdout, environment),
      columns: () => stdout.columns || 100,
      details: this.#details,
    });
  }

  readonly logLevel = (): Settings["logLevel"] => (this.#details.isOn ? "debug" : this.#settings.logLevel);

  start({ restart, open = noDashboard, replay = noDashboard }: TerminalActions): void {
    if (this.#input === undefined) return;
    const actions = {
      open,
      replay,
      restart,
      details: () => {
        const isOn = this.#details.toggle();
        notices.publish({
          level: "info",
          message: isOn ? "Details are on. Press d to turn them off." : "Details are off.",
        });
      },
      clear: () => void this.#stdout.write(clearScreen),
      help: () => void this.#stdout.write(keyHelp),
    };
    this.#keys = new Keys(this.#input, (action) => actions[action](), this.#signals);
  }

  stop(): void {
    this.#keys?.stop();
    this.#details.stop();
  }
}

function noDashboard(): void {
  notices.publish({ level: "info", message: "The dashboard is turned off (dashboard: false)." });
}
