/**
 * Answers `offhook doctor --url … --signature …`: whether Twilio's signature is valid for a request to the project, and
 * if not, why.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";

import type { SignatureDiagnosis } from "@offhook/runtime/observe";
import { excerpt, printable } from "@offhook/runtime/internal/printable";
import { diagnoseSignature } from "@offhook/runtime/internal/signature-diagnosis";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { loadProject } from "@offhook/runtime/project";
import { loadSettings } from "@offhook/runtime/settings";

import type { ExaminedProjectOptions } from "./examined-project.ts";

export interface SignatureQuestion {
  /** As Twilio called it. */
  readonly url: string;
  /** The value of X-Twilio-Signature. */
  readonly signature: string;
  /** Parameters (`name=value`), or one JSON text, or one file (`@file`). */
  readonly data: readonly string[];
  readonly method: string | undefined;
}

export interface SignatureAnswer extends SignatureDiagnosis {
  readonly isValid: boolean;
}

interface Body {
  readonly type: string;
  readonly bytes: Buffer;
}

const formType = "application/x-www-form-urlencoded";
const jsonType = "application/json";

/** @throws OffhookError `setting-invalid`, `file-unreadable`, and those of settings and project. */
export async function answerSignature(
  question: SignatureQuestion,
  folder: string,
  { flags, environment }: Pick<ExaminedProjectOptions, "flags" | "environment">,
): Promise<SignatureAnswer> {
  const { base, target } = partsOf(question.url);
  const { type, bytes } = bodyOf(question.data);
  const isQuery = question.method === "GET" && bytes.length > 0;
  if (isQuery && type === jsonType) throw invalid("--data: a GET request cannot have a JSON body.");
  const query = isQuery ? `${target.includes("?") ? "&" : "?"}${bytes.toString()}` : "";
  const settings = await loadSettings(folder, { flags, environment });
  const { service, envFile } = await loadProject(folder, settings);
  const { variables } = service;
  const diagnosis = diagnoseSignature({
    target: target + query,
    headers: {
      host: base.port === "" ? base.host : `${base.host}:${base.port}`,
      "x-twilio-signature": question.signature,
      ...(bytes.length > 0 && !isQuery && { "content-type": type }),
    },
    body: isQuery ? Buffer.alloc(0) : bytes,
    base,
    access: {
      authToken: variables["AUTH_TOKEN"],
      sharedKeySecret: undefined,
      allowsUnsignedBodies: settings.unsignedBodies,
    },
    variables,
    variablesFile: envFile === undefined ? ".env" : relative(service.folder, envFile),
  });
  const isValid = diagnosis.candidates[0]?.url === diagnosis.checkedUrl && diagnosis.candidates[0]?.isValid === true;
  const origin = `${base.scheme}://${base.host}${base.port === "" ? "" : `:${base.port}`}`;
  // The server compares the signature with its own public URL. Without one, it accepts local addresses only.
  const isOther = isValid && !isLocal(base.host) && !(settings.publicUrl ?? "").startsWith(origin);
  return { ...diagnosis, isValid, ...(isOther && { fix: `--public-url ${origin}` }) };
}

function partsOf(url: string): {
  base: { scheme: "http" | "https"; host: string; port: string; prefix: string };
  target: string;
} {
  const [, scheme = "", host = "", port = "", rest = ""] =
    /^(https?):\/\/([\w.-]{1,255}|\[[\da-f:.]+\])(?::(\d{1,5}))?((?:[/?].*)?)$/i.exec(url) ?? [];
  if (scheme === "") throw invalid(`Invalid value for --url: "${excerpt(url, 200)}". Expected an http or https URL.`);
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  return { base: { scheme: scheme.toLowerCase() === "https" ? "https" : "http", host, port, prefix: "" }, target };
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

function bodyOf(data: readonly string[]): Body {
  const [first = ""] = data;
  const isWhole = first.startsWith("@") || first.startsWith("{") || first.startsWith("[");
  if (isWhole && data.length > 1) throw invalid("--data: JSON and @file must be the only value.");
  if (first.startsWith("@")) return typed(readBody(first.slice(1)));
  if (isWhole) {
    const body = typed(Buffer.from(first));
    if (body.type !== jsonType) throw invalid("Invalid value for --data. Expected JSON, name=value or @file.");
    return body;
  }
  const pairs = data.map((text): [string, string] => {
    const at = text.indexOf("=");
    if (at < 1) throw invalid(`Invalid value for --data: "${printable(text)}". Expected name=value, JSON or @file.`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return { type: formType, bytes: Buffer.from(new URLSearchParams(pairs).toString()) };
}

function typed(bytes: Buffer): Body {
  try {
    JSON.parse(bytes.toString());
    return { type: jsonType, bytes };
  } catch {
    return { type: formType, bytes };
  }
}

function readBody(file: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OffhookError("file-unreadable", `${file} (--data, ${code})`, { cause: error });
  }
}

/** In the form of the doctor's results: the answer, then what to do. */
export function signatureText({ isValid, explanation, fix }: SignatureAnswer): string {
  const [first = "", ...others] = explanation;
  const lines = [
    `${(isValid ? "ok" : "problem").padEnd(7)}  ${first}`,
    ...others.map((sentence) => `         ${sentence}`),
    ...(fix === undefined || others.some((sentence) => sentence.includes(fix))
      ? []
      : [`         → offhook dev ${fix}`]),
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

export function signatureJson({ isValid, ...diagnosis }: SignatureAnswer): string {
  return `${JSON.stringify({ isValid, ...diagnosis })}\n`;
}

function invalid(detail: string): OffhookError {
  return new OffhookError("setting-invalid", detail);
}
