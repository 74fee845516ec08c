/**
 * How the process of an isolate is started: the program, its arguments, its environment, and the limits that the kernel
 * enforces.
 */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inheritableDescriptors } from "./descriptors.ts";

export interface LaunchOptions {
  /** The Node binary. */
  readonly node: string;
  /** Heap limit in MB. */
  readonly memoryMb: number;
  /** The folder where compiled code is kept between starts. Undefined: it is not kept. */
  readonly compileCache: string | undefined;
  /** File of extra certificates, if the service sets one. Node reads it only at start. */
  readonly extraCaCerts: string | undefined;
  /** Maximum number of processes and threads of the isolates' user. Undefined if others use that user too. */
  readonly processLimit: number | undefined;
  /** Folders and files that a hardened isolate may read. Undefined: the isolate is not hardened. */
  readonly readable: readonly string[] | undefined;
  /** The name of the isolate's user. */
  readonly userName: string;
  /** Whether it opens its inspector. */
  readonly isDebugged?: boolean;
  /** Whether it runs the watchdog thread, in development. */
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

/** Maximum number of open files of an isolate. */
const openFiles = 4_096;
/** Memory that Node maps for itself, in MB. It never touches most of it. */
const nodeDataMb = 1_024;
/** Memory that Node maps for each additional thread, in MB. */
const threadDataMb = 576;

/** Only on Linux is the meaning of the limits certain. Without a shell, only the pool's own limits apply. */
const hasLimits = process.platform === "linux" && existsSync("/bin/sh");

/** Numbers of descriptors, separated by spaces. The worker removes it from its environment. */
const descriptorsVariable = "OFFHOOK_INHERITED_DESCRIPTORS";

const sourceCondition = "--conditions=offhook-source";
/** In all spellings that Node accepts: one word or two, and quoted in `NODE_OPTIONS`. */
const sourcePattern = /(?<![^\s"])(?:--conditions[=\s]|-C\s)\s*offhook-source(?![^\s"])/;

/**
 * In a checkout of the repository, its packages resolve to their sources, in functions as in this process. This is the
 * only flag of this process that isolates inherit.
 */
export function sourceFlags(execArgv: readonly string[], nodeOptions = ""): string[] {
  return [execArgv.join(" "), nodeOptions].some((flags) => sourcePattern.test(flags)) ? [sourceCondition] : [];
}

/**
 * The shell lists inherited descriptors beyond the isolate's own (0 to 4), and the worker closes them. A shell cannot
 * close numbers above 9 itself. The folder that the shell reads is open meanwhile, so it checks each number again.
 */
const listDescriptors = `
${descriptorsVariable}=
for path in /proc/self/fd/*; do
  number=\${path##*/}
  [ "$number" -gt 4 ] && [ -e "$path" ] && ${descriptorsVariable}="$${descriptorsVariable} $number"
done
export ${descriptorsVariable}`;

/** @param scratch the isolate's own folder. Undefined if there is none. */
export function launchOf(options: LaunchOptions, scratch: string | undefined): Launch {
  const command = [options.node, ...flagsFor(options, scratch), entry];
  const environment = environmentFor(options, scratch);
  if (!hasLimits) return { program: options.node, args: command.slice(1), environment };
  return { program: "/bin/sh", args: ["-c", limitsFor(options), "sh", ...command], environment };
}

/**
 * If a limit cannot be set, it is already lower. `-d` bounds allocations between two checks of the resident memory by
 * the pool. `-u` is `-p` in some shells.
 */
function limitsFor({ memoryMb, processLimit, hasInsight }: LaunchOptions): string {
  const dataKb = (nodeDataMb + 2 * memoryMb + (hasInsight ? threadDataMb : 0)) * 1024;
  const limits = [`ulimit -c 0`, `ulimit -n ${openFiles}`, `ulimit -d ${dataKb}`];
  if (processLimit !== undefined) limits.push(`ulimit -u ${processLimit} 2>/dev/null || ulimit -p ${processLimit}`);
  return `{ ${listDescriptors}\n${limits.join("; ")}; } 2>/dev/null; exec "$@"`;
}

function flagsFor({ memoryMb, readable, isDebugged = false }: LaunchOptions, scratch: string | undefined): string[] {
  // Without the second flag, a signal opens a debugger to every process that can connect on loopback.
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
    // From Node 25 on, the permission model also covers the network.
    ...(process.allowedNodeEnvironmentFlags.has("--allow-net") ? ["--allow-net"] : []),
    ...(isDebugged ? ["--allow-inspector"] : []),
    // SQLite opens files without asking the permission model.
    "--no-experimental-sqlite",
  ];
}

/**
 * Builds the environment from scratch, without the host's variables. The service's variables are not in it either: the
 * setup message carries them, so that lists of processes do not show them.
 */
function environmentFor(options: LaunchOptions, scratch: string | undefined): NodeJS.ProcessEnv {
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "en_US.UTF-8",
    TZ: "UTC",
    // One heap for all threads, instead of one per thread, saves a third of a megabyte.
    MALLOC_ARENA_MAX: "1",
    ...homeFor(options, scratch),
    // Without a shell, a hardened worker has no other way to learn which descriptors it has inherited.
    ...(!hasLimits && { [descriptorsVariable]: inheritableDescriptors().join(" ") }),
    ...(options.compileCache !== undefined && { NODE_COMPILE_CACHE: options.compileCache }),
    ...(options.extraCaCerts !== undefined && { NODE_EXTRA_CA_CERTS: options.extraCaCerts }),
  };
}

const sharedTemporary = "/tmp";

/**
 * Variables about the user that programs expect. The home is the isolate's own folder. The folder for temporary files
 * is the shared one if the isolate can write to it, otherwise also the isolate's own folder.
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
