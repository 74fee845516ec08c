/**
 * The result of `init`: what it wrote, and the next steps.
 */
import { printable } from "@offhook/runtime/internal/printable";
import type { FolderWriter } from "../scaffold/folder-writer.ts";
import { templateNeeds } from "../scaffold/template.ts";
import type { Language, TemplateName } from "../scaffold/template-names.ts";

export interface InitResult {
  /** The folder as typed on the command line. */
  readonly named: string;
  readonly template: TemplateName | undefined;
  readonly language: Language;
  /** Whether the template was chosen by default. */
  readonly isDefault: boolean;
  readonly writer: FolderWriter;
  /** Scripts of `package.json` that already had other commands. */
  readonly keptScripts: readonly string[];
  /** Whether `dev` serves the project now. */
  readonly isServedNext: boolean;
}

const languageNames: Readonly<Record<Language, string>> = { js: "JavaScript", ts: "TypeScript" };

export function initText(made: InitResult): string {
  const { template, language, isDefault, writer, keptScripts } = made;
  const { written, changed, kept } = writer;
  const from = template === undefined ? "" : ` from the template ${template}, in ${languageNames[language]}`;
  const others = isDefault ? ["sms is the default. Other templates: --template voice, studio, flex or api."] : [];
  const scripts = keptScripts.map((key) => key.replace("scripts.", ""));
  return [
    `Offhook project in ${printable(writer.folder)}${from}.`,
    ...others,
    ...list("Written:", written),
    ...list(
      "Added to existing files:",
      changed.map(({ path, added }) => `${path}  ${added.join(", ")}`),
    ),
    ...list("Unchanged:", [...kept, ...(scripts.length > 0 ? [`package.json  scripts ${scripts.join(", ")}`] : [])]),
    "",
    made.isServedNext ? "Next, in another terminal:" : "Next:",
    ...stepsOf(made).map((step) => `  ${step}`),
    "",
  ].join("\n");
}

function list(title: string, rows: readonly string[]): string[] {
  return rows.length === 0 ? [] : [title, ...rows.map((row) => `  ${printable(row)}`)];
}

function stepsOf({ named, template, writer, isServedNext }: InitResult): string[] {
  const hasNewPackages = [...writer.written, ...writer.changed.map(({ path }) => path)].includes("package.json");
  const { tries } = template === undefined ? { tries: [] } : templateNeeds[template];
  return [
    ...(named === "." ? [] : [`cd ${quoted(printable(named))}`]),
    ...(hasNewPackages ? ["npm install"] : []),
    ...tries.filter((each) => !each.startsWith("open ")),
    ...(isServedNext ? [] : ["npx offhook dev"]),
    ...tries.filter((each) => each.startsWith("open ")),
  ];
}

/** Quoted for a shell. */
function quoted(path: string): string {
  if (/^[\w@%+=:,./-]+$/.test(path) && !path.startsWith("-")) return path;
  return `'${(path.startsWith("-") ? `./${path}` : path).replaceAll("'", "'\\''")}'`;
}

export function initJson(made: InitResult): string {
  const { template = null, language, writer, keptScripts } = made;
  const { folder, written, changed, kept } = writer;
  return `${JSON.stringify({ folder, template, language, written, changed, kept, keptScripts, next: stepsOf(made) })}\n`;
}
