/** The values of `--as`. They are apart from the files, so that the help need not read those. */
export const skeletonNames = ["sms", "voice", "studio", "flex", "json"] as const;

export type SkeletonName = (typeof skeletonNames)[number];
