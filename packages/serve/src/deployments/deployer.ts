/** Decides what the gateway serves, and tells it. */
export interface Deployer {
  /**
   * Serves the build in the environment, and resolves when every new request goes to it.
   * @param buildSid null: the environment serves nothing.
   * @returns the SID of the deployment.
   * @throws ApiError 400 if the build is unknown, of another service, not completed, or cannot start. The environment
   * then serves what it served before.
   */
  deploy(environmentSid: string, buildSid: string | null): Promise<string>;
  /**
   * Something that an environment is served with has changed: variables, credentials, host names or settings. Several
   * calls in a short time are one change.
   */
  changed(environmentSid: string): void;
  /** The row of the environment is gone. Resolves when its host names answer nothing. */
  removed(environmentSid: string): Promise<void>;
}
