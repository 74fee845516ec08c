/** How serious a line of the log, or of a function's output, is. A leaf. */
export type LogLevel = "debug" | "info" | "warn" | "error";
