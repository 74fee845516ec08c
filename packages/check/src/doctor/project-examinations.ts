/** Examines the project as Offhook reads it. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { readJsonFile, readTextFile } from "@offhook/runtime/internal/json-file";

import { excerpt, pluralize } from "@offhook/runtime/internal/printable";
import { namesOf, typesFileName, typesText } from "../project-types.ts";
import { listed, ok, warning } from "./result.ts";
import type { Examination } from "./examination.ts";

/** The keys of `.twilioserverlessrc` that Offhook uses. */
const counting = ["functionsFolder", "assetsFolder", "env"];

export const projectExaminations: readonly Examination[] = [
  {
    id: "project",
    looksAt: "whether the project can be served: its folders, its paths, `offhook.json`, `tsconfig.json`",
    examine({ faults, project }) {
      if (project === undefined) return faults;
      const { functions, assets } = project.service;
      const found = ok(
        `The project can be served: ${pluralize(functions.length, "function")}, ${pluralize(assets.length, "asset")}`,
      );
      const next = "Fix the file named here.";
      return [found, ...faults, ...project.warnings.map((message) => warning(excerpt(message, 300), next))];
    },
  },
  {
    id: "types",
    looksAt: "whether `offhook-env.d.ts` is up to date, if it exists",
    async examine({ project }) {
      if (project === undefined) return [];
      const text = await readTextFile(join(project.service.folder, typesFileName));
      if (text === undefined) return [];
      if (text === typesText(namesOf(project.service))) return [ok(`${typesFileName} is up to date`)];
      return [warning(`${typesFileName} is out of date`, "npx offhook types")];
    },
  },
  {
    id: "twilio-run",
    looksAt: "files of Twilio's own tool, and which of its settings apply",
    async examine({ folder }) {
      const file = ".twilioserverlessrc";
      const content = await readJsonFile(join(folder, file)).catch(() => undefined);
      const old = [".twilio-functions", ".twiliodeployinfo"].filter((name) => existsSync(join(folder, name)));
      const results = old.length === 0 ? [] : [ok(`${old.join(" and ")}: only for deployment, ignored here`)];
      if (content === undefined) return results;
      const { commands, ...top } = content;
      const start = (commands as Record<string, object> | undefined)?.["start"] ?? {};
      const keys = [...new Set([...Object.keys(top), ...Object.keys(start)])].map((key) => excerpt(key, 40));
      const used = keys.filter((key) => counting.includes(key));
      const ignored = keys.filter((key) => !counting.includes(key));
      const messages = [
        used.length === 0
          ? "no setting applies here"
          : `${listed(used)} ${used.length === 1 ? "applies" : "apply"} here`,
        ...(ignored.length === 0 ? [] : [`${listed(ignored)} ${ignored.length === 1 ? "does" : "do"} not`]),
      ];
      return [...results, ok(`${file}: ${messages.join("; ")}`)];
    },
  },
];
