/**
 * The requests that the phone hands to its owner, and their results. The phone itself sends nothing. The dashboard's
 * API has requests and replies of the same form.
 */
export type Header = readonly [name: string, value: string];

export interface SendRequest {
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  readonly headers?: readonly Header[];
  /** The fields of a form. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** Whether the request gets Twilio's signature. */
  readonly isSigned: boolean;
}

export interface SendResult {
  /** The id of the request's exchange. */
  readonly id: string;
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: {
    /** Of the whole body, even if `text` is cut. */
    readonly bytes: number;
    readonly text: string;
    /** If the body is not UTF-8, `text` is base64. */
    readonly encoding: "utf8" | "base64";
    readonly isCut: boolean;
  };
  /** One entry per cookie that was set: `name=value` with its attributes. */
  readonly cookies: readonly string[];
  /** Why the request failed, in a sentence, if the owner of the phone knows. */
  readonly problem?: string;
}

/** A webhook with the fields that Twilio would send. */
export interface Simulation {
  readonly kind: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}
