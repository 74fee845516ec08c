/**
 * What the phone asks its owner to send, and what comes back. The phone itself sends nothing. The dashboard's API has
 * requests and replies of the same form.
 */
export type Header = readonly [name: string, value: string];

export interface SendRequest {
  /** Path and query. */
  readonly target: string;
  readonly method: string;
  readonly headers?: readonly Header[];
  /** A form's fields. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** Whether Twilio would sign it. */
  readonly isSigned: boolean;
}

export interface SendResult {
  /** Of the exchange that the request became. */
  readonly id: string;
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: {
    /** Of the whole body, also where `text` is cut. */
    readonly bytes: number;
    readonly text: string;
    /** If the body is not UTF-8, `text` is base64. */
    readonly encoding: "utf8" | "base64";
    readonly isCut: boolean;
  };
  /** `name=value` of the cookies that were set, with their attributes, one each. */
  readonly cookies: readonly string[];
}

/** A webhook with the fields that Twilio would send. */
export interface Simulation {
  readonly kind: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}
