/** The draft of an earlier request that the user wants to change and send again. */
import type { Exchange } from "../../api.ts";
import { formFields, mediaType } from "../body-kind.ts";
import { plainDraft, type Draft } from "./draft.ts";
import { formattedJson, jsonFault } from "./json-text.ts";

/** Headers that belong to the connection, or that are computed when the request is sent. */
const ofTheConnection = new Set([
  "host",
  "connection",
  "keep-alive",
  "content-length",
  "transfer-encoding",
  "accept-encoding",
  "expect",
  "upgrade",
  "x-twilio-signature",
]);

export function draftOfExchange({ id, method, request, keepsSecrets = false }: Exchange): Draft {
  const { body, target } = request;
  const type = mediaType(request.headers);
  const isForm = type === "application/x-www-form-urlencoded" || (type === "" && body.bytes === 0);
  const isJson = /[/+]json$/.test(type) || (type === "" && /^\s*[{[]/.test(body.text));
  const isBinary = body.encoding === "base64";
  const remarks: string[] = [];
  if (body.isCut) remarks.push("The body was too long to keep. Only its beginning is shown.");
  if (isBinary) remarks.push("The body is not text, so it was left out. Replay sends it unchanged.");
  const text = isForm || isBinary ? "" : body.text;
  const shownBody = isJson && jsonFault(text) === undefined ? formattedJson(text) : text;
  return {
    ...plainDraft(target),
    method,
    format: isForm ? "form" : isJson ? "json" : "text",
    fields: isForm ? formFields(body.text).map(([name, value]) => ({ name, value, isMain: true, isOwn: true })) : [],
    body: shownBody,
    headers: request.headers.filter(([name]) => {
      const lower = name.toLowerCase();
      return !ofTheConnection.has(lower) && !(isForm && lower === "content-type");
    }),
    remarks,
    source: { id, keepsSecrets, body: text, shownBody },
  };
}
