/**
 * Writes the test of an exchange into the project, where its other tests are.
 */
import { lstat, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Service } from "@offhook/runtime/service";

import type { Exchange, SavedFile, WrittenTest } from "../api.ts";

import { functionTest, type TestStyle } from "../journal/function-test.ts";
import { Redaction } from "../journal/redaction.ts";
import { ApiError } from "./api-answer.ts";

/** Folders for tests, the most common first. */
const testFolders = ["test", "tests", "__tests__", "spec"];
const maxFiles = 1_000;

export interface TestedProject {
  readonly folder: string;
  readonly hasVariables: boolean;
}

/** @throws ApiError `no-test` if the exchange cannot be tested, `not-written`. */
export async function saveTest(exchange: Exchange, { folder, hasVariables }: TestedProject): Promise<SavedFile> {
  const style: TestStyle = { ...(await styleFor(exchange, folder)), hasVariables };
  const source = functionTest(exchange, style);
  const name = exchange.file?.replace(/^[^/]+\//, "").replace(/(?:\.(?:protected|private))?\.\w+$/, "");
  if (source === undefined || name === undefined) {
    throw new ApiError(409, "no-test", "Only replies of functions, and errors that functions throw, can be tested.");
  }
  const extension = isTypeScript(exchange) ? "ts" : "js";
  const stem = name.replaceAll("/", "-").replace(/[^\w.-]/g, "_");
  return { file: await writeTestFile(folder, style.folder ?? "test", { stem, extension, source }) };
}

/**
 * Writes a test that the page has made, such as a call on its phone. Secrets that a function said are masked in it.
 * @param name such as `call-voice.test.mjs`.
 * @throws ApiError `no-test` if the name is not that of a test, `not-written`.
 */
export async function saveWrittenTest(
  { folder, variables }: Pick<Service, "folder" | "variables">,
  { name, text }: WrittenTest,
): Promise<SavedFile> {
  const stem = /^([\w-]{1,100})\.test\.mjs$/.exec(name)?.[1];
  if (stem === undefined) throw new ApiError(400, "no-test", "The name of a test must end with .test.mjs.");
  const redaction = new Redaction();
  redaction.setVariables(variables);
  const file = { stem, extension: "mjs", source: redaction.text(text) } as const;
  return { file: await writeTestFile(folder, await testFolderOf(folder), file) };
}

async function styleFor(exchange: Exchange, folder: string): Promise<TestStyle> {
  const { file = "" } = exchange;
  const [code, manifest, testFolder] = await Promise.all([
    readFile(join(folder, file), "utf8").catch(() => ""),
    readFile(join(folder, "package.json"), "utf8").catch(() => ""),
    testFolderOf(folder),
  ]);
  const isEsm = isTypeScript(exchange) || /"type"\s*:\s*"module"/.test(manifest);
  return { modules: isEsm ? "esm" : "commonjs", readsRequest: /\brequest\b/.test(code), folder: testFolder };
}

function isTypeScript({ file = "" }: Exchange): boolean {
  return /\.[cm]?ts$/.test(file);
}

/** The folder that the project has already. */
async function testFolderOf(folder: string): Promise<string> {
  const found = await Promise.all(
    testFolders.map(async (name) => ((await isFolder(join(folder, name))) ? [name] : [])),
  );
  return found.flat()[0] ?? "test";
}

/** A link could lead out of the project. */
async function isFolder(path: string): Promise<boolean> {
  return await lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

interface TestFile {
  /** Its name without `.test.js`. */
  readonly stem: string;
  readonly extension: "js" | "mjs" | "ts";
  readonly source: string;
}

/**
 * Writes a new file, under the next free name.
 * @param folder of the project. @param testFolder inside it.
 * @returns its path in the project.
 * @throws ApiError `not-written`.
 */
async function writeTestFile(
  folder: string,
  testFolder: string,
  { stem, extension, source }: TestFile,
): Promise<string> {
  try {
    await mkdir(join(folder, testFolder), { recursive: true });
    if (!(await isFolder(join(folder, testFolder)))) throw new Error(`${testFolder} is not a folder`);
    for (let number = 1; number <= maxFiles; number++) {
      const file = `${testFolder}/${stem}${number === 1 ? "" : `-${number}`}.test.${extension}`;
      if (await isWritten(join(folder, file), source)) return file;
    }
    throw new Error(`${testFolder} has too many tests of this function`);
  } catch (error) {
    throw new ApiError(409, "not-written", `The test could not be written: ${(error as Error).message}`);
  }
}

/** @returns false if the file exists already. */
async function isWritten(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
