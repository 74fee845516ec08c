/** All operations of the API. */
import { buildOperations } from "./builds.ts";
import { deploymentOperations } from "./deployments.ts";
import { environmentOperations } from "./environments.ts";
import { logOperations } from "./logs.ts";
import type { Operation } from "./operation.ts";
import { resourceOperations } from "./resources.ts";
import { serviceOperations } from "./services.ts";
import { variableOperations } from "./variables.ts";
import { versionOperations } from "./versions.ts";

export const operations: readonly Operation[] = [
  ...serviceOperations,
  ...environmentOperations,
  ...variableOperations,
  ...deploymentOperations,
  ...logOperations,
  ...resourceOperations,
  ...versionOperations,
  ...buildOperations,
];
