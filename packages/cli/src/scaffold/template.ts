/**
 * Templates: their files, the packages that they need, and commands to try first.
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Language, TemplateName } from "./template-names.ts";

/** Beside `src` and `dist`, both in the repository and in the package. */
const templatesFolder = fileURLToPath(new URL("../../templates/", import.meta.url));

export interface ProjectFile {
  /** Relative to the project's folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface TemplateInput {
  readonly template: TemplateName;
  readonly language: Language;
  /** The project's name in `package.json`. */
  readonly name: string;
  /** Relative to the project's folder. */
  readonly functionsFolder: string;
  readonly assetsFolder: string;
}

/** All files except `package.json`, `.env` and `.gitignore`: a project may already have those. */
export function templateFiles({
  template,
  language,
  name,
  functionsFolder,
  assetsFolder,
}: TemplateInput): ProjectFile[] {
  const parts = [`${template}/any`, `${template}/${language}`, ...(language === "ts" ? ["typescript"] : [])];
  return parts.flatMap((part) => {
    const paths = globSync("**/*", { cwd: templatesFolder + part, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        `${entry.parentPath}/${entry.name}`.slice(`${templatesFolder}${part}/`.length).replaceAll("\\", "/"),
      );
    return paths.toSorted().map((path) => ({
      path: path.replace(/^functions\//, `${functionsFolder}/`).replace(/^assets\//, `${assetsFolder}/`),
      text: readTemplate(`${part}/${path}`)
        .replaceAll("{{name}}", name)
        .replaceAll("{{extension}}", language)
        // The path of the function in a test, and the folder in tsconfig.json.
        .replaceAll('"../functions/', `"../${functionsFolder}/`)
        .replace('"include": ["functions"', `"include": ["${functionsFolder}"`)
        .replaceAll("`functions/", `\`${functionsFolder}/`),
    }));
  });
}

export function readTemplate(path: string): string {
  return readFileSync(templatesFolder + path, "utf8");
}

interface Needs {
  readonly helpers: "dependencies" | "devDependencies";
  /** Commands that show a result within a minute. */
  readonly tries: readonly string[];
}

const overInvoke = (rest: string): string => `npx offhook invoke ${rest}`;

/** Helpers are `dependencies` if the functions themselves use them. */
export const templateNeeds: Readonly<Record<TemplateName, Needs>> = {
  sms: { helpers: "devDependencies", tries: [overInvoke("sms --as sms --data Body=hours --signed")] },
  voice: { helpers: "devDependencies", tries: [overInvoke("voice/welcome --as voice --signed")] },
  studio: {
    helpers: "dependencies",
    tries: [overInvoke("studio/opening-hours --as studio --data department=sales --signed")],
  },
  flex: {
    helpers: "dependencies",
    tries: ["npm test", overInvoke("flex/find-customer --data phone=+12025550123")],
  },
  api: {
    helpers: "devDependencies",
    tries: [overInvoke("'api/greeting?name=Ada'"), "open http://localhost:3000/index.html"],
  },
};
