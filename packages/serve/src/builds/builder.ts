/** Makes builds: dependencies, files, health check. */

/** A dependency as a client asked for it. */
export interface RequestedDependency {
  readonly name: string;
  /** A version, a range or a tag. */
  readonly version: string;
}

export interface ResolveRequest {
  readonly accountSid: string;
  readonly serviceSid: string;
  readonly dependencies: readonly RequestedDependency[];
  /** `node22` or `node24`. */
  readonly runtime: string;
}

/** The dependencies as they are stored with the build. */
export interface ResolvedDependencies {
  /** Null if nothing has to be installed. */
  readonly lockHash: string | null;
  readonly dependencies: readonly (RequestedDependency & { readonly resolved: string })[];
}

export interface Builder {
  /** Names of the runtimes that builds may ask for, the default first. */
  readonly runtimes: readonly string[];
  /**
   * Checks the dependencies of a build that a client asks for, and resolves them. A known list is resolved as before.
   * @throws ApiError 400 in words for the client, 503 if the registry cannot be reached.
   */
  resolve(request: ResolveRequest): Promise<ResolvedDependencies>;
  /** There may be builds in the queue. */
  wake(): void;
  /** Finishes or gives back what it does. */
  stop(): Promise<void>;
}
