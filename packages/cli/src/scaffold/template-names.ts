/** What `init` can begin with; apart from the files, so that help reads none of them. */
export const templateNames = ["sms", "voice", "studio", "flex", "api"] as const;

export type TemplateName = (typeof templateNames)[number];

export const languages = ["js", "ts"] as const;

export type Language = (typeof languages)[number];
