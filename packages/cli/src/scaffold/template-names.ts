/** The templates of `init`. They are apart from the files, so that the help need not read those. */
export const templateNames = ["sms", "voice", "studio", "flex", "api"] as const;

export type TemplateName = (typeof templateNames)[number];

export const languages = ["js", "ts"] as const;

export type Language = (typeof languages)[number];
