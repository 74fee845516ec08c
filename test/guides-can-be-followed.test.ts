/**
 * Follows each guide from its first line to its last, as a reader does: with packed packages, npm and a registry. A page
 * has a folder of its own. Its files are written, its commands run, and each continues where the last one left off.
 * `offhook dev` runs in the background. The output of `console` blocks must be what the page shows.
 *
 * `<!-- walk: starts in … -->` says where a reader is: in "the checkout", or in "a project" that `init` made there. A
 * block that cannot run says why: `<!-- not walked: … -->`.
 */
import assert from "node:assert/strict";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { before, test, type TestContext } from "node:test";
import { packedPackages } from "../scripts/packed-packages.ts";
import { splitWords } from "../packages/runtime/src/settings/command-words.ts";
import { assertPrinted, scriptOf } from "./console-block.ts";
import { machineWith, type Machine } from "./install/first-use.ts";
import { codeBlocks, pages, type CodeBlock, type Page } from "./markdown.ts";
import { repository, startOffhook, type OffhookProcess } from "./offhook-process.ts";

before(() => packedPackages());

const shownUrl = "http://localhost:3000";
const launcher = join(repository, "packages/cli/bin/offhook.js");

/** `npx offhook` must never ask the registry. It is the installed command, or in the checkout the checkout's. */
const ownOffhook = `npx() {
  test "$1" = offhook || exit 97
  shift
  if test -x node_modules/.bin/offhook; then node_modules/.bin/offhook "$@"
  elif test "$PWD" = "$CHECKOUT"; then node '${launcher}' "$@"
  else echo "Offhook is not installed in $PWD" >&2; exit 98
  fi
}
`;

class Reader {
  readonly #machine: Machine;
  readonly #checkout: string;
  #folder: string;
  #offhook: OffhookProcess | undefined;

  constructor(machine: Machine, checkout: string) {
    this.#machine = machine;
    this.#checkout = checkout;
    this.#folder = checkout;
  }

  async follow(block: CodeBlock): Promise<void> {
    const { language, file, lines } = block;
    if (language === "console") await this.#readOutput(block);
    else if (language === "sh") for (const line of lines) await this.#type(line);
    else if (file !== undefined) await this.#save(file, lines);
  }

  async #readOutput(block: CodeBlock): Promise<void> {
    const url = this.#offhook?.url ?? shownUrl;
    const printed = await this.run(scriptOf(block).replaceAll(shownUrl, url));
    assertPrinted(block, printed.replaceAll(url, shownUrl));
  }

  async #type(line: string): Promise<void> {
    const words = splitWords(line) ?? [];
    if (words.slice(0, 3).join(" ") === "npx offhook dev") await this.#serve(words.slice(3));
    else await this.run(`set -e\n${line}`);
  }

  async run(script: string): Promise<string> {
    const pwd = "printf '\\n--- folder ---\\n%s' \"$PWD\"";
    const all = `CHECKOUT='${this.#checkout}'\n${ownOffhook}${script}\n${pwd}`;
    const [printed = "", folder = ""] = (await this.#machine.run(this.#folder, "sh", "-c", all)).split(
      "\n--- folder ---\n",
    );
    this.#folder = folder;
    return printed;
  }

  /** Any free port instead of the fixed ones, which other tests use. */
  async #serve(flags: readonly string[]): Promise<void> {
    await this.stop();
    const command = join(this.#folder, "node_modules/offhook/bin/offhook.js");
    const own = flags.map((flag) => (flag === "--inspect" ? "--inspect=0" : flag));
    this.#offhook = await startOffhook(this.#folder, {
      command,
      verb: "dev",
      flags: [...own, "--dashboard-port", "0", "--spares", "0"],
    });
  }

  async #save(file: string, lines: readonly string[]): Promise<void> {
    const path = join(this.#folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, lines.join("\n"));
    const isServed = this.#offhook !== undefined && file.startsWith("functions/");
    if (!isServed) return;
    await this.#offhook?.logged(({ message }) => new RegExp(`^Reloaded in .*${basename(file)}`).test(String(message)));
  }

  async stop(): Promise<void> {
    await this.#offhook?.stop();
    this.#offhook = undefined;
  }
}

/** The project in which several walks start. It is made once and copied, because npm needs many seconds. */
let madeProject: Promise<string> | undefined;

async function makeProject({ folder, run }: Machine): Promise<string> {
  await run(folder, "node", launcher, "init", "project", "--template", "sms");
  await run(join(folder, "project"), "npm", "install");
  return join(folder, "project");
}

async function readerOf(t: TestContext, shared: Machine, { path, text }: Page): Promise<Reader> {
  const machine = await machineWith(t, process.execPath);
  const checkout = join(machine.folder, "offhook");
  // For pages about a project that the reader has.
  await cp(join(repository, "examples/hello"), join(checkout, "path/to/project"), { recursive: true });
  const reader = new Reader(machine, checkout);
  t.after(() => reader.stop());
  const [, start] = /<!-- walk: starts in (.+) -->/.exec(text) ?? [];
  assert.ok(start === "a project" || start === "the checkout", `${path} does not say where the walk starts`);
  if (start === "a project") {
    madeProject ??= makeProject(shared);
    await cp(await madeProject, join(machine.folder, "project"), { recursive: true, verbatimSymlinks: true });
    await reader.run("set -e; cd ../project");
  }
  return reader;
}

test("each guide can be followed from its first line to its last", async (t) => {
  const shared = await machineWith(t, process.execPath);
  for (const page of pages("docs/guide/*.md")) {
    await t.test(page.path, { timeout: 100_000 }, async (of) => {
      const reader = await readerOf(of, shared, page);
      for (const block of codeBlocks(page)) {
        if (block.notWalked === undefined) await of.test(block.place, () => reader.follow(block));
        else of.diagnostic(`${block.place} is left out: ${block.notWalked}`);
      }
    });
  }
});
