/** The project as Offhook reads it. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { readJsonFile, readTextFile } from "@offhook/runtime/internal/json-file";

import { excerpt } from "@offhook/runtime/internal/printable";
import { namesOf, typesFileName, typesText } from "../project-types.ts";
import { listed, ok, warning } from "./result.ts";
import type { Examination } from "./examination.ts";

/** Of `.twilioserverlessrc`, these count. */
const counting = ["functionsFolder", "assetsFolder", "env"];

export const projectExaminations: readonly Examination[] = [
  {
    id: "project",
    looksAt: "whether the project can be served: its folders, its paths, `offhook.json`, `tsconfig.json`",
    examine({ faults, project }) {
      if (project === undefined) return faults;
      const { functions, assets } = project.service;
      const found = ok(`The project can be served: functions ${functions.length}, assets ${assets.length}`);
      const next = "See to the file that is named.";
      return [found, ...faults, ...project.warnings.map((message) => warning(excerpt(message, 300), next))];
    },
  },
  {
    id: "types",
    looksAt: "whether `offhook-env.d.ts` is up to date, where there is one",
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
    looksAt: "what Twilio's own tool has left: which of its settings count",
    async examine({ folder }) {
      const file = ".twilioserverlessrc";
      const content = await readJsonFile(join(folder, file)).catch(() => undefined);
      const old = [".twilio-functions", ".twiliodeployinfo"].filter((name) => existsSync(join(folder, name)));
      const results = old.length === 0 ? [] : [ok(`${old.join(" and ")}: for deploying only, and ignored here`)];
      if (content === undefined) return results;
      const { commands, ...top } = content;
      const start = (commands as Record<string, object> | undefined)?.["start"] ?? {};
      const keys = [...new Set([...Object.keys(top), ...Object.keys(start)])].map((key) => excerpt(key, 40));
      const used = keys.filter((key) => counting.includes(key));
      const ignored = keys.filter((key) => !counting.includes(key));
      const messages = [
        used.length === 0 ? "nothing counts here" : `${listed(used)} ${used.length === 1 ? "counts" : "count"} here`,
        ...(ignored.length === 0 ? [] : [`${listed(ignored)} ${ignored.length === 1 ? "does" : "do"} not`]),
      ];
      return [...results, ok(`${file}: ${messages.join("; ")}`)];
    },
  },
];
