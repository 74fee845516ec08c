/** The severity of a line of the log, or of a function's output. This file imports nothing. */
export type LogLevel = "debug" | "info" | "warn" | "error";
