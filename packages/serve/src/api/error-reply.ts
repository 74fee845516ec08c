/** Makes a reply of an error of any kind: status, code and message, in Twilio's form. */
import { NoResultError } from "kysely";
import { ApiError } from "../api-error.ts";

export interface ErrorReply {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly retryAfter?: number | undefined;
}

/** @param isRead a list that answers 5xx would be cut short by clients without a word, so a read answers 429 instead. */
export function errorReplyOf(error: unknown, isRead = false): ErrorReply {
  if (error instanceof ApiError) return isRead && error.status === 503 ? tryAgain(error.message) : error;
  if (isStoreProblem(error)) {
    const message = "The database cannot be used at the moment. Try again in a second.";
    return isRead ? tryAgain(message) : { status: 503, code: 20503, message, retryAfter: 1 };
  }
  const raced = raceReplyOf(error);
  if (raced !== undefined) return raced;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const known = typeof code === "string" ? frameworkErrors[code] : undefined;
  if (known !== undefined) return known;
  if (isBrokenUpload(error)) return malformedUpload;
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, code: 20001, message: "The request is malformed." };
  }
  return { status: 500, code: 20500, message: "Something failed on this server. Its log has the reason." };
}

export function errorBodyOf({ status, code, message }: ErrorReply): object {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

/** @param code of the error that Node's HTTP parser reports. */
export function connectionErrorOf(code: string | undefined): ErrorReply {
  if (code === "HPE_HEADER_OVERFLOW") {
    return { status: 431, code: 20001, message: "The headers of the request are too long. They may have 16 kB." };
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return { status: 408, code: 20001, message: "The request was not complete in time." };
  }
  return { status: 400, code: 20001, message: "The request is malformed." };
}

/** Two requests change the same rows at once, and the database refuses the later one. */
function raceReplyOf(error: unknown): ErrorReply | undefined {
  if (error instanceof NoResultError) return deletedMeanwhile;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code !== "ERR_SQLITE_ERROR" || typeof errcode !== "number") return undefined;
  return constraintErrors[errcode];
}

function tryAgain(message: string): ErrorReply {
  return { status: 429, code: 20429, message, retryAfter: 1 };
}

/** Node's SQLite: busy or locked, full, not readable. */
function isStoreProblem(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code !== "ERR_SQLITE_ERROR" || typeof errcode !== "number") return false;
  // The low byte is the primary code: busy, locked, read-only, input or output, full, cannot open.
  return [5, 6, 8, 10, 13, 14].includes(errcode & 0xff);
}

const deletedMeanwhile: ErrorReply = {
  status: 404,
  code: 20404,
  message: "Another request deleted the resource meanwhile.",
};
const takenMeanwhile: ErrorReply = { status: 409, code: 20409, message: "Another request took the name meanwhile." };

/** By SQLite's extended code: a foreign key, a primary key, a unique index. */
const constraintErrors: Readonly<Record<number, ErrorReply>> = {
  787: deletedMeanwhile,
  1555: takenMeanwhile,
  2067: takenMeanwhile,
};

/** The parser of uploads gives its errors no code. */
function isBrokenUpload(error: unknown): boolean {
  const { message = "", code } = error as { message?: string; code?: unknown };
  const isParser = /^(?:Unexpected end of|Part terminated early|.* terminated early due|Malformed|Multipart: )/.test(
    message,
  );
  return isParser || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ECONNRESET";
}

const tooLarge: ErrorReply = { status: 413, code: 20413, message: "The body is too large. A form may have 2 MB." };
const wrongType: ErrorReply = {
  status: 415,
  code: 20415,
  message: "Send parameters as application/x-www-form-urlencoded, and uploads as multipart/form-data.",
};
const malformedUpload: ErrorReply = { status: 400, code: 20001, message: "The upload is malformed or incomplete." };

const frameworkErrors: Readonly<Record<string, ErrorReply>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: tooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: wrongType,
  FST_ERR_CTP_EMPTY_TYPE: wrongType,
  FST_INVALID_MULTIPART_CONTENT_TYPE: wrongType,
  FST_ERR_BAD_URL: { status: 400, code: 20001, message: "The URL is malformed." },
  FST_REQ_FILE_TOO_LARGE: { status: 413, code: 20413, message: "The file is too large." },
  FST_PARTS_LIMIT: malformedUpload,
  FST_FILES_LIMIT: { status: 400, code: 20001, message: "An upload has one file, in the field Content." },
  FST_FIELDS_LIMIT: malformedUpload,
  FST_PROTO_VIOLATION: malformedUpload,
};
