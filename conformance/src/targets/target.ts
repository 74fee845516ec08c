/** A running server and the project it serves. */
export interface Instance {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The project's folder as the server sees it; absent where it is out of reach. */
  readonly folder: string | undefined;
  /** Everything that the server has written so far; absent where it cannot be read. */
  readonly logText: (() => string) | undefined;
  /** Whether the server has ended of itself; always false where that cannot be known. */
  readonly hasExited: () => boolean;
  /** Ends the server and removes what was made for it. */
  readonly stop: () => Promise<void>;
}

/** A server that does not start has said why. */
export type StartOutcome =
  | { readonly started: true; readonly instance: Instance }
  | { readonly started: false; readonly output: string };

/** What is to be judged, and how to bring it up. */
export interface Target {
  /** For the report's heading. */
  readonly name: string;
  /** Whether instances with other projects can be had. */
  readonly canStart: boolean;
  /** Rows in which it does otherwise on purpose, and says so: judged by what it says. */
  readonly differsIn?: readonly number[];
  /** Serves a folder. A target that cannot start anything gives the one instance that it has. */
  readonly start: (folder: string) => Promise<StartOutcome>;
}
