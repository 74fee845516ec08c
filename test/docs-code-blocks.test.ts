/**
 * Checks every code block of the documentation: writes the files that it shows, and runs the commands.
 *
 * Each page is a project. Blocks that begin with a comment with a file's name (`// functions/hello.js`, `# .env`), or
 * have the name behind the language, are its files. If the page has `<!-- project: examples/hello -->`, they are added
 * to a copy of that folder. Offhook serves the project, with `offhook dev` if the page has `<!-- served by dev -->`.
 * The test runs the `console` blocks against it. A line with `$` is a command, and the lines below are its output. For
 * `curl -i` and `node --test`, the shown lines must be in the output, in this order. For others, they must be the whole
 * output. `…` stands for anything within a line, and `npx offhook` is the checkout's. A folder behind `console` is the
 * one in which its commands run. `sh` blocks are for setup and are not run, but the commands in them must exist.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { parseEnv, promisify } from "node:util";
import { resolveSettings } from "@offhook/runtime/settings";
import { parse } from "yaml";
import { splitWords } from "../packages/runtime/src/settings/command-words.ts";
import { asksForHelp, readInput } from "../packages/cli/src/command-input.ts";
import { isCommand, loadCommand } from "../packages/cli/src/command-table.ts";
import { assertPrinted, exchangesOf, scriptOf } from "./console-block.ts";
import { codeBlocks, pages, type CodeBlock, type Page } from "./markdown.ts";
import { repository, startOffhook } from "./offhook-process.ts";
import { linkPackages } from "./temporary-project.ts";

const shownUrl = "http://localhost:3000";

/** Checks for the blocks of each language, in addition to those of the served page. */
const checks: Readonly<Record<string, (block: CodeBlock) => void | Promise<void>>> = {
  js: (block) => void fileOf(block),
  // The page itself shows with a command whether it compiles.
  ts: (block) => void fileOf(block),
  json: checkJson,
  env: ({ lines }) => assert.notDeepEqual(parseEnv(lines.join("\n")), {}),
  sh: async ({ lines }) => {
    for (const line of lines) if (line !== "" && !line.startsWith("#")) await checkCommand(line);
  },
  yaml: async ({ lines }) => {
    const document: unknown = parse(lines.join("\n"));
    assert.equal(typeof document, "object");
    for (const line of lines) {
      const [, command] = /^\s*run: (npx offhook .+)$/.exec(line) ?? [];
      // An expression of the workflow stands for one word.
      if (command !== undefined) await checkCommand(command.replaceAll(/\$\{\{[^}]*\}\}/g, "12"));
    }
  },
  console: (block) => assert.notEqual(exchangesOf(block).length, 0),
};

for (const page of pages(
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "docs/**/*.md",
  "examples/*/README.md",
  "packages/*/README.md",
)) {
  const blocks = codeBlocks(page);
  for (const block of blocks) {
    test(`${block.place}: the ${block.language} block is well-formed`, () => {
      const check = checks[block.language];
      assert.ok(check !== undefined, `this test knows no blocks of the language "${block.language}"`);
      return check(block);
    });
  }
  const files = blocks.filter((block) => ["js", "ts"].includes(block.language));
  const consoles = blocks.filter((block) => block.language === "console");
  if (files.length > 0) {
    test(`${page.path}: every function shown is called`, () => {
      const text = consoles.flatMap(({ lines }) => lines).join("\n");
      // Tests that the page runs call them as well.
      if (text.includes("$ node --test")) return;
      for (const file of files.map(fileOf)) {
        const path = /^functions(\/.+?)(?:\.protected)?\.m?[jt]s$/.exec(file)?.[1];
        if (path === undefined || path.endsWith(".private")) continue;
        assert.ok(text.includes(shownUrl + path) || text.includes(`offhook invoke ${path.slice(1)}`), file);
      }
    });
  }
  if (consoles.length === 0) continue;
  test(`${page.path}: commands print what the page says`, async (t) => {
    const parent = await mkdtemp(join(tmpdir(), "offhook-docs-"));
    // Readable for all, as projects are: isolates may have a user of their own.
    await chmod(parent, 0o755);
    // A page may make a project beside this one.
    const folder = join(parent, "project");
    await mkdir(folder);
    try {
      await writeProject(folder, page, blocks);
      const offhook = await startOffhook(folder, {
        verb: page.text.includes("<!-- served by dev -->") ? "dev" : "start",
        // Without spares, the next command finds the state in memory, even on a busy machine.
        flags: ["--spares", "0"],
      });
      try {
        for (const block of consoles) {
          await t.test(block.place, () => runConsole(block, offhook.url, join(folder, block.file ?? "")));
        }
      } finally {
        await offhook.stop();
      }
    } finally {
      await rm(parent, { recursive: true });
    }
  });
}

function fileOf({ file }: CodeBlock): string {
  assert.ok(file !== undefined, "its first line should be a comment that names its file");
  return file;
}

async function writeProject(folder: string, page: Page, blocks: readonly CodeBlock[]): Promise<void> {
  const base = /<!-- project: (\S+) -->/.exec(page.text)?.[1] ?? /^(examples\/[^/]+)\/README\.md$/.exec(page.path)?.[1];
  if (base !== undefined) await cp(join(repository, base), folder, { recursive: true });
  if (
    blocks.some(({ lines }) =>
      lines.some((line) => /@offhook\/(?:helpers|phone|runtime)|^\$ npx offhook/.test(line)),
    ) ||
    base === "examples/flex"
  ) {
    await linkPackages(folder);
  }
  const written = new Set<string>();
  for (const block of blocks) {
    const { file, language } = block;
    if (file === undefined || language === "sh" || language === "console") continue;
    assert.ok(!written.has(file), `${block.place}: ${file} is on this page twice`);
    written.add(file);
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), block.lines.join("\n"));
  }
}

const launcher = join(repository, "packages/cli/bin/offhook.js");

/** Runs the checkout's command for `npx offhook`, because npm takes a second each time to find it. */
const ownOffhook = `npx() {
  test "$1" = offhook || { command npx "$@"; return; }
  shift
  '${process.execPath}' '${launcher}' "$@"
}
`;

/** Uses the Node of these tests, which resolves the repository's packages to their sources. */
const shellEnvironment = {
  ...process.env,
  PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
  NODE_OPTIONS: "--conditions=offhook-source",
  // Otherwise, the inner test would report to this one.
  NODE_TEST_CONTEXT: undefined,
};

/**
 * One shell for the whole block, so that later lines see variables of earlier ones. It runs in the project's folder, or
 * in the folder behind `console`.
 */
async function runConsole(block: CodeBlock, url: string, folder: string): Promise<void> {
  const { stdout, stderr } = await promisify(execFile)(
    "sh",
    ["-c", ownOffhook + scriptOf(block).replaceAll(shownUrl, url)],
    {
      timeout: 60_000,
      cwd: folder,
      env: shellEnvironment,
    },
  );
  const host = new URL(url).host;
  assertPrinted(block, stdout.replaceAll(host, new URL(shownUrl).host), stderr);
}

/** One JSON document, or one on each line, as in a log. */
function checkJson({ lines, file }: CodeBlock): void {
  const isLog = lines.every((line) => line === "" || (line.startsWith("{") && line.endsWith("}")));
  const texts = isLog ? lines.filter((line) => line !== "") : [lines.join("\n")];
  const [first] = texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  if (file === "offhook.json") resolveSettings({ file: first ?? {} });
}

const scripts = (
  JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { scripts: Record<string, string> }
).scripts;

/** The commands that a reader would type: each part of `a && b`, without variables in front. */
async function checkCommand(line: string): Promise<void> {
  for (const part of line.split(" && ")) {
    const words = splitWords(part) ?? [];
    const variables: Record<string, string> = {};
    while (/^[A-Z_]+=/.test(words[0] ?? "")) {
      const [name = "", value = ""] = words.shift()?.split("=") ?? [];
      variables[name] = value;
    }
    resolveSettings({ environment: variables });
    const [command, ...args] = words;
    if (command === "npm") checkNpm(args);
    else if (command === "npx" && args[0] !== "node") await checkOffhook(args);
    else if (command === "npx" || command === "node")
      await stat(join(repository, args.find((arg) => arg.includes("/")) ?? ""));
    else assert.ok(["cd", "git", "mkdir", "kill", "openssl"].includes(command ?? ""), `nobody checks "${part}"`);
  }
}

function checkNpm([verb = "", name = "", ...others]: readonly string[]): void {
  if (verb === "install") {
    // The registry does not have our packages yet, so another owner could offer packages of these names.
    const ours = [name, ...others].filter((each) => /^(?:offhook|@offhook\/.+)$/.test(each));
    assert.deepEqual(ours, [], "npm would look for it in the registry");
    return;
  }
  const script = verb === "run" ? name : verb;
  assert.ok(scripts[script] !== undefined, `package.json has no script "${script}"`);
}

async function checkOffhook([name, command = "", ...args]: readonly string[]): Promise<void> {
  assert.equal(name, "offhook");
  if (command === "--help" || command === "help" || asksForHelp(args)) return;
  assert.ok(isCommand(command), command);
  const { positionals } = readInput(command, await loadCommand(command), args);
  for (const folder of positionals) if (folder.startsWith("examples/")) await stat(join(repository, folder));
}
