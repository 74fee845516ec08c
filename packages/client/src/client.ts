/** The package's entry: the commands for authors use it. */
import { fileURLToPath } from "node:url";
import type { Profile } from "./profile.ts";

export { ApiClient } from "./api-client.ts";
export { readDeployable } from "./deployable.ts";
export type { Deployable } from "./deployable.ts";
export { deleteEnvironment, deploy } from "./deployment.ts";
export type { Deployment, DeploymentTarget } from "./deployment.ts";
export { environmentNamed, previewNamed, production } from "./environment-names.ts";
export type { EnvironmentName } from "./environment-names.ts";
export { tryLogin } from "./login.ts";
export { checkProfile, readProfile, removeProfile, splitKey, writeProfile } from "./profile.ts";
export type { Profile } from "./profile.ts";

/** Absolute path of the file that Node programs load, so that they reach the server instead of Twilio. */
export const redirectFile = fileURLToPath(new URL("../redirect.cjs", import.meta.url));

/** The variables with which Twilio's tools reach the server. @param nodeOptions those that are set already. */
export function redirectVariables(profile: Profile, nodeOptions = ""): Record<string, string> {
  const quoted = JSON.stringify(redirectFile);
  return {
    OFFHOOK_URL: profile.url,
    OFFHOOK_API_KEY: `${profile.key}:${profile.secret}`,
    NODE_OPTIONS: `${nodeOptions} --require ${quoted}`.trim(),
  };
}
