/** The values of `--as`. They are separate from the events, so that `--help` loads no other package. */
export const webhookNames = ["sms", "voice", "gather", "status", "call-status", "studio", "flex"] as const;

export type WebhookName = (typeof webhookNames)[number];
