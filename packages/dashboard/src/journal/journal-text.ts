/**
 * The journal's contents as text for a terminal.
 */
import { excerpt, printable } from "@offhook/runtime/internal/printable";

import type { Body, Exchange, ExchangeSummary, Header, SignatureDiagnosis, SourceExcerpt } from "../api.ts";

/** A line of the list, without a newline. */
export function rowText({
  id,
  startedAt,
  method,
  path,
  status,
  durationMs,
  code,
  label,
  leftovers,
}: ExchangeSummary): string {
  const facts = [
    timeText(startedAt),
    id.slice(-4),
    method.padEnd(5),
    printable(path).padEnd(24),
    status === undefined ? "   " : String(status),
    durationMs === undefined ? "" : durationText(durationMs).padStart(8),
  ];
  const more = [code, label && printable(label), leftovers && `left running: ${printable(leftovers)}`].filter(Boolean);
  return [...facts, ...more.map((each) => ` ${each}`)].join(" ").trimEnd();
}

/** All details of one request. */
export function exchangeText(exchange: Exchange): string {
  const { request, reply, phases, logs, detail, hints, source } = exchange;
  const parts = [
    [rowText(exchange), exchange.id],
    [
      "Request",
      `${exchange.method} ${printable(request.target)}`,
      ...headersText(request.headers),
      ...(request.unreadBody === undefined
        ? bodyText(request.body)
        : ["", `(The body was not read: ${printable(request.unreadBody)}.)`]),
    ],
    ...whyText(exchange),
    ...(reply === undefined
      ? []
      : [["Reply", String(reply.status), ...headersText(reply.headers), ...bodyText(reply.body)]]),
    ...(logs.length === 0
      ? []
      : [["Log", ...logs.flatMap(({ level, text }) => linesOf(text).map((line) => `${level.padEnd(5)} ${line}`))]]),
    ...(detail === undefined ? [] : [["Error", ...linesOf(detail)]]),
    ...(source === undefined ? [] : [[`${printable(source.file)}:${source.line}`, ...sourceText(source)]]),
    ...(hints.length === 0
      ? []
      : [
          [
            "Hints",
            ...hints.map(({ text, file, line }) =>
              printable(`${text}${file === undefined ? "" : ` (${file}:${line})`}`),
            ),
          ],
        ]),
    ...(phases.length === 0
      ? []
      : [["Time", phases.map(({ name, tookMs }) => `${name} ${durationText(tookMs)}`).join("  ")]]),
  ];
  return parts.map(([head = "", ...lines]) => [head, ...lines.map((line) => `  ${line}`)].join("\n")).join("\n\n");
}

/** What went wrong, and what to do. */
function whyText({ code, explanation, signatureDiagnosis }: Exchange): string[][] {
  const why = explanation && ["What went wrong", `${explanation.message} (${code})`, explanation.next];
  return [...(why ? [why] : []), ...(signatureDiagnosis ? [signatureText(signatureDiagnosis)] : [])];
}

function signatureText({ explanation, candidates, fix }: SignatureDiagnosis): string[] {
  return [
    "Signature",
    ...explanation,
    ...candidates.map(({ url, reason, isValid }) => `${isValid ? "valid    " : "not valid"}  ${url}  (${reason})`),
    ...(fix === undefined ? [] : [`Fix: offhook dev ${fix}`]),
  ].map(printable);
}

function sourceText({ lines }: SourceExcerpt): string[] {
  const width = String(lines.at(-1)?.number ?? 0).length;
  return lines.map(({ number, text, isFailing }) => {
    const start = `${isFailing ? ">" : " "} ${String(number).padStart(width)} │ `;
    return (start + text.split("\t").map(printable).join("\t")).trimEnd();
  });
}

function headersText(headers: readonly Header[]): string[] {
  return headers.map(([name, value]) => excerpt(`${name}: ${value}`, 300));
}

function bodyText({ bytes, text, encoding, isCut }: Body): string[] {
  if (bytes === 0) return [];
  if (encoding === "base64") return ["", `(${bytes} bytes, not text)`];
  return ["", ...linesOf(text), ...(isCut ? [`(cut: the full body has ${bytes} bytes)`] : [])];
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.split("\t").map(printable).join("\t"));
}

function durationText(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(2)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

function timeText(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
