/** A running server and the project it serves. */
export interface Instance {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The project's folder as the server sees it. Absent if it cannot be reached. */
  readonly folder: string | undefined;
  /** The server's output so far. Absent if it cannot be read. */
  readonly logText: (() => string) | undefined;
  /** Whether the server has exited on its own. Always false if that is unknown. */
  readonly hasExited: () => boolean;
  /** Ends the server and removes its temporary files. */
  readonly stop: () => Promise<void>;
}

/** A server that does not start. The message has its reason. */
export type StartOutcome =
  | { readonly started: true; readonly instance: Instance }
  | { readonly started: false; readonly output: string };

/** A kind of server, and how to start it. */
export interface Target {
  /** The name in the report's heading. */
  readonly name: string;
  /** Whether it can start instances with other projects. */
  readonly canStart: boolean;
  /** Rows from which it deviates on purpose, as documented. They are judged by its documentation. */
  readonly differsIn?: readonly number[];
  /** Serves a folder. A target that cannot start servers returns its only instance. */
  readonly start: (folder: string) => Promise<StartOutcome>;
}
