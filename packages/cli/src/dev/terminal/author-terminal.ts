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
import { keyHelp, Keys, keyWords, type KeySignals } from "./keys.ts";
import { createPalette, hasColor, type Palette } from "../../screen/palette.ts";
import { columnsOf, screenOf, writeWrapped } from "../../screen/screen.ts";

/** Clears the screen and the scrollback, and moves the cursor to the top. */
const clearScreen = "\u001b[2J\u001b[3J\u001b[H";

export class AuthorTerminal implements ModeTerminal {
  readonly logFormat: LogFormat;
  readonly keys: ModeTerminal["keys"];
  readonly #stdout: CommandContext["stdout"];
  /** Undefined if there are no keys: standard input or output is not a terminal. */
  readonly #input: KeyInput | undefined;
  readonly #settings: Settings;
  readonly #signals: KeySignals | undefined;
  readonly #details = new Details();
  readonly #environment: CommandContext["environment"];
  readonly #palette: Palette;
  #pressed: Keys | undefined;

  constructor({ service }: Project, settings: Settings, context: CommandContext, signals?: KeySignals) {
    const { stdout, environment } = context;
    this.#stdout = stdout;
    this.#environment = environment;
    this.#settings = settings;
    this.#signals = signals;
    this.#input = stdout.isTTY === true && environment["TERM"] !== "dumb" ? context.stdin : undefined;
    this.keys = this.#input === undefined ? undefined : keyWords;
    const isColored = hasColor(stdout, environment);
    this.#palette = createPalette(isColored);
    this.logFormat = createAuthorLog({
      folder: service.folder,
      isColored,
      columns: () => columnsOf(stdout),
      details: this.#details,
    });
  }

  get listRows(): number | undefined {
    // Without keys, nobody can ask for the rest. Two rows stay for the heading and the cursor.
    const { rows } = screenOf(this.#stdout, this.#environment);
    return this.keys === undefined || rows === undefined ? undefined : Math.max(rows - 2, 3);
  }

  readonly logLevel = (): Settings["logLevel"] => (this.#details.isOn ? "debug" : this.#settings.logLevel);

  start({ restart, list, open = noDashboard, replay = noDashboard }: TerminalActions): void {
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
      list: () => writeWrapped(this.#stdout, list(this.#palette)),
      help: () => writeWrapped(this.#stdout, keyHelp),
    };
    this.#pressed = new Keys(this.#input, (action) => actions[action](), this.#signals);
  }

  stop(): void {
    this.#pressed?.stop();
    this.#details.stop();
  }
}

function noDashboard(): void {
  notices.publish({ level: "info", message: "The dashboard is turned off (dashboard: false)." });
}
