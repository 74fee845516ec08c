/** The package's entry: `offhook serve` and the commands of operators. */
import type { ServeSettings } from "./control/serve-settings.ts";

export type { ServeSettings };
