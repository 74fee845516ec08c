/** What `--as` takes; apart from the events themselves, so that help needs no package loaded. */
export const webhookNames = ["sms", "voice", "gather", "status", "call-status", "studio", "flex"] as const;

export type WebhookName = (typeof webhookNames)[number];
