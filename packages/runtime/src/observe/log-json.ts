/** A record as one JSON object on one line. Keys are stable: people build alerts on them. */
import type { LogRecord } from "./log-record.ts";

/** Keys that do not apply are left out. JSON escapes characters that would break the line or the terminal. */
export function formatJson(record: LogRecord, at: Date): string {
  const { request, isolate } = record;
  const line = JSON.stringify({
    time: at.toISOString(),
    level: record.level,
    event: record.event,
    service: record.service === "" ? undefined : record.service,
    function: record.function,
    request_id: record.requestId,
    message: record.message === "" ? undefined : record.message,
    code: record.code,
    twilio_code: record.twilioCode,
    method: request?.method,
    path: request?.path,
    resource: request?.resource,
    status: request?.status,
    cold: request?.isCold,
    duration_ms: request && Math.round(request.durationMs * 1000) / 1000,
    bytes: request?.bytes,
    pid: isolate?.pid,
    reason: isolate?.reason,
    invocations: isolate?.invocations,
    detail: record.detail,
    hints: record.hints,
    problems: record.problems,
    next: record.next,
  });
  return `${line}\n`;
}
