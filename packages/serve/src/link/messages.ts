/**
 * The messages between the gateway process and its child, the control process. Both ends are our own code, and the
 * channel is a pipe that only they have.
 */
import type { WrittenSettings } from "@offhook/runtime/internal/host-settings";
import type { AssetResource, FunctionResource } from "@offhook/runtime/service";
import type { ServeSettings } from "./serve-settings.ts";

/** An environment with its active build: what the gateway serves under some host names. */
export interface TenantSpec {
  readonly accountSid: string;
  readonly serviceSid: string;
  readonly environmentSid: string;
  readonly buildSid: string;
  readonly deploymentSid: string;
  /** Lower case, without ports. At least one. The first is the environment's own: `DOMAIN_NAME` (contract §3). */
  readonly hosts: readonly string[];
  /** Absolute path of the build's files. */
  readonly folder: string;
  readonly functions: readonly (FunctionResource & { readonly sid: string })[];
  readonly assets: readonly AssetResource[];
  /** Without `ACCOUNT_SID` and `AUTH_TOKEN`, unless the service includes credentials. */
  readonly variables: Readonly<Record<string, string>>;
  /** Twilio signs requests with it, whether or not functions get it. */
  readonly authToken: string;
  /** `node22` or `node24`. */
  readonly runtime: string;
  readonly settings: {
    readonly deployment?: WrittenSettings | undefined;
    readonly operator?: WrittenSettings | undefined;
  };
}

/** Requests of the control process, and what the gateway answers. A failure is an `Error` with a message for people. */
export type GatewayRequests = {
  /**
   * Starts the deployment beside the current one, which goes on serving. Answers when an isolate is ready. Rejects if
   * it cannot start. A later `prepare` for the environment replaces an earlier one that was not activated.
   */
  readonly prepare: (spec: TenantSpec) => PrepareResult;
  /** Requests from now on go to the prepared deployment. The old one finishes the requests that it has. */
  readonly activate: (target: DeploymentTarget) => void;
  /** Ends a prepared deployment that is not to be activated. */
  readonly discard: (target: DeploymentTarget) => void;
  /**
   * Serves the environment as given, whether or not it was served before: after a start, and after changes of
   * variables, host names or settings. Later requests see the change. Nothing is started for an environment that was
   * not served before.
   */
  readonly update: (spec: TenantSpec) => void;
  /** The host names answer like unknown ones from now on. Requests in flight are finished. */
  readonly remove: (target: { readonly environmentSid: string }) => void;
  /** After a start of the control process: environments that are not in this list are removed. */
  readonly keepOnly: (environmentSids: readonly string[]) => void;
  /** The health check of a build: starts an isolate and loads each function that has a URL. */
  readonly examine: (spec: TenantSpec) => ExamineResult;
  /** Runs a program of a build with limits, as a user of its own if the gateway is root. */
  readonly runBuildTask: (task: BuildTask) => BuildTaskResult;
  readonly status: (message?: undefined) => GatewayStatus;
};

export interface DeploymentTarget {
  readonly environmentSid: string;
  readonly deploymentSid: string;
}

export interface PrepareResult {
  /** Sentences about settings of the deployment that do not apply. */
  readonly warnings: readonly string[];
}

export interface ExamineResult {
  /** Functions that do not load, with the error. Their variables may not exist yet, so the build does not fail. */
  readonly failures: readonly { readonly path: string; readonly message: string }[];
}

export interface BuildTask {
  readonly program: "resolve" | "install";
  /** The program reads it as JSON from its standard input. It may hold credentials, so it is in no argument. */
  readonly input: unknown;
  /** Absolute path of an empty folder, the only one that it may write to. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly diskMb: number;
}

/** The program wrote the output as JSON. A failure has npm's words. */
export type BuildTaskResult =
  | {
      readonly ok: true;
      readonly output: unknown;
      /** Whether credentials of a private registry may have been used. */
      readonly isPrivate: boolean;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      /** Whether a registry could not be reached. */
      readonly isNetwork: boolean;
    };

export interface GatewayStatus {
  readonly pid: number;
  readonly environments: readonly {
    readonly environmentSid: string;
    readonly deploymentSid: string;
    readonly state: string;
    readonly isolates: number;
    readonly running: number;
  }[];
}

/** Said by the gateway without being asked. */
export type GatewayNews = {
  /** Functions wrote these lines, in this order. */
  readonly output: (lines: readonly OutputLine[]) => void;
  /** The gateway stops. The control process finishes what it does and ends. */
  readonly stopping: (message?: undefined) => void;
};

export interface OutputLine {
  readonly environmentSid: string;
  readonly buildSid: string;
  readonly deploymentSid: string;
  /** Undefined for output that belongs to no function or request. */
  readonly functionSid: string | undefined;
  readonly requestSid: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: "info" | "warn" | "error";
  readonly message: string;
}

/** The first message to the control process. The master key reaches it in no other way. */
export interface ControlStart {
  readonly settings: ServeSettings;
  /** In base64. */
  readonly masterKey: string;
  /** The account that the operator names, for an empty database. */
  readonly account: GivenAccount | undefined;
}

/** Requests of the gateway process to its child. */
export type ControlRequests = {
  /** Opens the database, has everything served that is deployed, and starts the API. */
  readonly start: (start: ControlStart) => ControlAddresses;
};

export interface ControlAddresses {
  readonly api: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number } | undefined;
  /** Only at the first start of an empty database. */
  readonly firstStart: FirstStart | undefined;
}

/** The account that the operator names at the first start. */
export interface GivenAccount {
  readonly sid: string;
  readonly authToken: string;
}

/** The account and the key that the first start made. */
export interface FirstStart {
  readonly accountSid: string;
  /** Whether the account was made up, so that signatures of Twilio and files with its SID do not match. */
  readonly isMadeUp: boolean;
  readonly key: string;
  /** Shown once. */
  readonly secret: string;
}
