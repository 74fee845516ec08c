/** What `--as` takes; apart from the files, so that help reads none of them. */
export const skeletonNames = ["sms", "voice", "studio", "flex", "json"] as const;

export type SkeletonName = (typeof skeletonNames)[number];
