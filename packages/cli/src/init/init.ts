/**
 * `offhook init`: inspects the folder, chooses a template, writes the files.
 */
import { mkdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";

import { namesOf, typesFileName, typesText } from "@offhook/check/project-types";
import { exitCodes } from "@offhook/runtime/errors";
import { isOffhookError, OffhookError } from "@offhook/runtime/offhook-error";
import { findProjectFolders, loadProject } from "@offhook/runtime/project";
import type { AssetResource, FunctionResource } from "@offhook/runtime/service";
import { loadSettings } from "@offhook/runtime/settings";

import { placeOf, refuseClaimedPath } from "../scaffold/claimed-path.ts";
import type { CommandContext } from "../command-context.ts";
import { addIgnored, addVariables } from "./environment-files.ts";
import { FolderWriter } from "../scaffold/folder-writer.ts";
import { initJson, initText, type InitResult } from "./init-text.ts";
import { findOwnPackages } from "../scaffold/own-packages.ts";
import { addToPackageJson, newPackageJson, packageName, parsePackageJson, wantedOf } from "../scaffold/package-json.ts";
import { templateFiles } from "../scaffold/template.ts";
import type { Language, TemplateName } from "../scaffold/template-names.ts";
import { writeWrapped } from "../screen/screen.ts";

export interface InitInput {
  readonly positionals: readonly string[];
  readonly options: {
    readonly template: TemplateName | undefined;
    readonly language: Language | undefined;
    readonly typescript: boolean;
    readonly json: boolean;
  };
}

/** The exit code if the user ends a question with Ctrl+C. */
const interrupted = 130;

/**
 * @param isServedNext whether `dev` serves the project when this is done.
 * @returns the exit code.
 * @throws OffhookError `setting-invalid`, `file-exists`, `file-unwritable`, `file-unreadable`, `file-malformed`.
 */
export async function init(
  { positionals: [named = "."], options }: InitInput,
  context: CommandContext,
  isServedNext = false,
): Promise<number> {
  const { stdout, stderr, stdin, environment } = context;
  const chosenByFlags = { template: options.template, language: languageOf(options) };
  const folder = resolve(named);
  const found = await inspectFolder(folder, environment);
  const isAsked = !options.json && stdin !== undefined && stdout.isTTY === true;
  let choice: { template: TemplateName | undefined; language: Language; isDefault: boolean } = {
    // A project that has functions needs no template.
    template: chosenByFlags.template ?? (found.hasFunctions ? undefined : "sms"),
    language: chosenByFlags.language ?? "js",
    isDefault: chosenByFlags.template === undefined && !found.hasFunctions,
  };
  if (choice.isDefault && isAsked) {
    const { ask } = await import("./questions.ts");
    const { template, language } = chosenByFlags;
    const answers = await ask({ ...(template && { template }), ...(language && { language }) }, stdin, stdout);
    if (answers === undefined) {
      stderr.write("\nNothing was written.\n");
      return interrupted;
    }
    choice = { ...answers, isDefault: false };
  }
  await makeFolder(folder);
  const writer = new FolderWriter(folder);
  const written = await write(writer, choice, found.resources, context);
  const made: InitResult = { ...choice, named, writer, ...written, isServedNext };
  if (options.json) stdout.write(initJson(made));
  else writeWrapped(stdout, initText(made));
  return exitCodes.ok;
}

function languageOf({ language, typescript }: InitInput["options"]): Language | undefined {
  if (typescript && language === "js") {
    throw new OffhookError("setting-invalid", "--typescript and --language js cannot be combined.");
  }
  return typescript ? "ts" : language;
}

type Environment = CommandContext["environment"];

interface FolderContent {
  readonly hasFunctions: boolean;
  readonly resources: readonly (FunctionResource | AssetResource)[];
}

const emptyFolder: FolderContent = { hasFunctions: false, resources: [] };

/** @throws OffhookError `file-exists` if the folder is a file, and the errors of a broken project. */
async function inspectFolder(folder: string, environment: Environment): Promise<FolderContent> {
  const stats = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (stats instanceof Error) {
    if (stats.code === "ENOENT") return emptyFolder;
    throw new OffhookError("file-unwritable", `${folder} (${stats.code})`, { cause: stats });
  }
  if (!stats.isDirectory()) throw new OffhookError("file-exists", `${folder} is a file, not a folder`);
  try {
    const { service } = await loadProject(folder, await loadSettings(folder, { environment }));
    return { hasFunctions: service.functions.length > 0, resources: [...service.functions, ...service.assets] };
  } catch (error) {
    if (isOffhookError(error) && (error.code === "project-empty" || error.code === "folder-missing")) {
      return emptyFolder;
    }
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OffhookError("file-unwritable", `${folder} (${code})`, { cause: error });
  }
}

async function write(
  writer: FolderWriter,
  { template, language }: { template: TemplateName | undefined; language: Language },
  resources: FolderContent["resources"],
  { environment, stderr }: CommandContext,
): Promise<{ keptScripts: readonly string[] }> {
  const { folder } = writer;
  const text = await writer.read("package.json");
  const present = text === undefined ? undefined : parsePackageJson(text, join(folder, "package.json"));
  if (template !== undefined && language === "js" && present?.type === "module") {
    const advice = "Its .js files are ES modules, but the JavaScript templates are CommonJS. Add --typescript.";
    throw new OffhookError("setting-invalid", `The package.json in ${folder} has "type": "module". ${advice}`);
  }
  const name = typeof present?.name === "string" ? present.name : packageName(basename(folder));
  const onPack = (): void => {
    if (stderr.isTTY === true) stderr.write("Packing Offhook for the project. This takes up to a minute, once.\n");
  };
  const wanted = wantedOf(template, language, await findOwnPackages(folder, onPack));
  // This may fail, so it comes before anything is written.
  const edit = text === undefined ? undefined : await addToPackageJson(text, join(folder, "package.json"), wanted);

  const settings = await loadSettings(folder, { environment });
  const roots = await findProjectFolders(folder, settings);
  const files =
    template === undefined
      ? []
      : templateFiles({
          template,
          language,
          name,
          functionsFolder: placeOf(folder, roots.functions),
          assetsFolder: placeOf(folder, roots.assets),
        });
  for (const { path } of files) refuseClaimedPath(resolve(folder, path), roots, folder, resources);

  if (edit === undefined) await writer.add("package.json", newPackageJson(name, language, wanted));
  else if (edit.added.length > 0) await writer.change("package.json", edit.text, edit.added);
  else writer.kept.push("package.json");
  await addIgnored(writer);
  if (template !== undefined) {
    await addVariables(writer);
    for (const file of files) await writer.add(file.path, file.text);
    if (language === "ts") {
      const { service } = await loadProject(folder, settings);
      await writer.add(typesFileName, typesText(namesOf(service)));
    }
  }
  return { keptScripts: edit?.kept ?? [] };
}
