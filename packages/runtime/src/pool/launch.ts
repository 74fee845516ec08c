/**
 * How the process of an isolate is started: the program, its arguments, its environment, and the limits that the
 * kernel holds it to.
 */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inheritableDescriptors } from "./descriptors.ts";

export interface LaunchOptions {
  /** The Node binary. */
  readonly node: string;
  /** Limit of the heap, in MB. */
  readonly memoryMb: number;
  /** Where compiled code is kept between starts; undefined: nowhere. */
  readonly compileCache: string | undefined;
  /** Extra certificates, if the service asks for them; Node reads them at start only. */
  readonly extraCaCerts: string | undefined;
  /** Processes and threads that the isolates' user may have in all; undefined where the user is not theirs alone. */
  readonly processLimit: number | undefined;
  /** Folders and files that a hardened isolate may read; undefined: it is not hardened. */
  readonly readable: readonly string[] | undefined;
  /** The name of the user that it runs as. */
  readonly userName: string;
  /** It is to open its inspector. */
  readonly isDebugged?: boolean;
  /** It has a thread of ours, in development. */
  readonly hasInsight?: boolean;
}

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

const entry = fileURLToPath(
  new URL(`../worker/boot${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url),
);

/** Files that an isolate may have open. */
const openFiles = 4_096;
/** What Node maps for itself, most of which it never touches, in MB. */
const nodeDataMb = 1_024;
/** What it maps for one thread more. */
const threadDataMb = 576;

/** Only there is it sure what the limits mean. Without a shell there are none, and the pool's own have to do. */
const hasLimits = process.platform === "linux" && existsSync("/bin/sh");

/** Numbers of descriptors, separated by spaces. The worker removes it from its environment. */
const descriptorsVariable = "OFFHOOK_INHERITED_DESCRIPTORS";

const sourceCondition = "--conditions=offhook-source";
/** As Node takes it: in one word or two, and quoted in `NODE_OPTIONS`. */
const sourcePattern = /(?<![^\s"])(?:--conditions[=\s]|-C\s)\s*offhook-source(?![^\s"])/;

/**
 * In a checkout of the repository, packages of it mean their sources, in functions as in this process. Of all that this
 * process was started with, that is the one thing that isolates get.
 */
export function sourceFlags(execArgv: readonly string[], nodeOptions = ""): string[] {
  return [execArgv.join(" "), nodeOptions].some((flags) => sourcePattern.test(flags)) ? [sourceCondition] : [];
}

/**
 * The shell lists the descriptors that it has inherited beyond the isolate's own (0 to 4), for the worker to close: a shell
 * cannot close numbers above 9 itself. The folder that it reads is open meanwhile, so each number is checked again.
 */
const listDescriptors = `
${descriptorsVariable}=
for path in /proc/self/fd/*; do
  number=\${path##*/}
  [ "$number" -gt 4 ] && [ -e "$path" ] && ${descriptorsVariable}="$${descriptorsVariable} $number"
done
export ${descriptorsVariable}`;

/** @param scratch the isolate's own folder; undefined where there is none. */
export function launchOf(options: LaunchOptions, scratch: string | undefined): Launch {
  const command = [options.node, ...flagsFor(options, scratch), entry];
  const environment = environmentFor(options, scratch);
  if (!hasLimits) return { program: options.node, args: command.slice(1), environment };
  return { program: "/bin/sh", args: ["-c", limitsFor(options), "sh", ...command], environment };
}

/**
 * A limit that cannot be set is one that is lower already. `-d` bounds what is allocated between two looks of the
 * pool at the resident memory; `-u` is `-p` in some shells.
 */
function limitsFor({ memoryMb, processLimit, hasInsight }: LaunchOptions): string {
  const dataKb = (nodeDataMb + 2 * memoryMb + (hasInsight ? threadDataMb : 0)) * 1024;
  const limits = [`ulimit -c 0`, `ulimit -n ${openFiles}`, `ulimit -d ${dataKb}`];
  if (processLimit !== undefined) limits.push(`ulimit -u ${processLimit} 2>/dev/null || ulimit -p ${processLimit}`);
  return `{ ${listDescriptors}\n${limits.join("; ")}; } 2>/dev/null; exec "$@"`;
}

function flagsFor({ memoryMb, readable, isDebugged = false }: LaunchOptions, scratch: string | undefined): string[] {
  // Without the second, a signal opens a debugger, to whoever may connect on loopback.
  const flags = [
    `--max-old-space-size=${memoryMb}`,
    "--disable-sigusr1",
    "--disable-warning=ExperimentalWarning",
    ...sourceFlags(process.execArgv, process.env["NODE_OPTIONS"]),
  ];
  if (readable === undefined || scratch === undefined) return flags;
  return [
    ...flags,
    "--permission",
    "--disable-warning=SecurityWarning",
    ...[...readable, scratch].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${scratch}`,
    // From Node 25 on the network is among what has to be allowed.
    ...(process.allowedNodeEnvironmentFlags.has("--allow-net") ? ["--allow-net"] : []),
    ...(isDebugged ? ["--allow-inspector"] : []),
    // It opens files without asking the permission model.
    "--no-experimental-sqlite",
  ];
}

/**
 * From scratch: nothing of the host's environment gets in. The service's variables are not here either
 * but come with the setup, so that no list of processes shows them.
 */
function environmentFor(options: LaunchOptions, scratch: string | undefined): NodeJS.ProcessEnv {
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "en_US.UTF-8",
    TZ: "UTC",
    // One heap for all threads instead of one each: a third of a megabyte less.
    MALLOC_ARENA_MAX: "1",
    ...homeFor(options, scratch),
    // Without a shell, nothing else can tell a hardened worker what it has inherited.
    ...(!hasLimits && { [descriptorsVariable]: inheritableDescriptors().join(" ") }),
    ...(options.compileCache !== undefined && { NODE_COMPILE_CACHE: options.compileCache }),
    ...(options.extraCaCerts !== undefined && { NODE_EXTRA_CA_CERTS: options.extraCaCerts }),
  };
}

const sharedTemporary = "/tmp";

/**
 * What programs expect to know of their user. The home is the isolate's own folder. So is the folder for temporary files
 * where the isolate cannot write to the one that functions share.
 */
function homeFor({ userName, readable }: LaunchOptions, scratch: string | undefined): NodeJS.ProcessEnv {
  const isShared = scratch === undefined || (readable === undefined && isOpenToAll(sharedTemporary));
  return {
    HOME: scratch ?? sharedTemporary,
    TMPDIR: isShared ? sharedTemporary : scratch,
    USER: userName,
    LOGNAME: userName,
  };
}

function isOpenToAll(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return (statSync(folder).mode & 0o003) === 0o003;
  } catch {
    return false;
  }
}
