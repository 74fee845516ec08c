/** The shape of an operation of the API. Each file of operations declares some. */
import type { MultipartFile } from "@fastify/multipart";
import type { ApiContext } from "./api-context.ts";
import type { Principal } from "./credentials.ts";
import type { Form } from "./form.ts";
import type { Links } from "./links.ts";

export interface Operation {
  /** As the audit log names it: `CreateService`. */
  readonly id: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** With names of parameters: `/v1/Services/:service/Builds`. */
  readonly path: string;
  /** Whether the body is a multipart upload. */
  readonly takesUpload?: true;
  /** @throws ApiError */
  readonly run: (call: Call) => Promise<Reply>;
}

/** One request, after its credentials were checked. */
export interface Call {
  readonly context: ApiContext;
  readonly principal: Principal;
  /** The parameters of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** The body of a form. Empty for other requests. */
  readonly form: Form;
  readonly query: Form;
  /** The URLs that replies contain. */
  readonly links: Links;
  /** The parts of an upload, in their order. Read the content before you ask for the next part. */
  readonly parts: () => AsyncIterable<UploadPart>;
  /** Names the rows that the request is about, for the audit log. */
  readonly note: (sid: string) => void;
}

export type UploadPart =
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  | { readonly kind: "file"; readonly name: string; readonly file: MultipartFile };

export interface Reply {
  readonly status: 200 | 201 | 204;
  /** The body, which becomes JSON. Absent for 204. */
  readonly body?: object;
}
