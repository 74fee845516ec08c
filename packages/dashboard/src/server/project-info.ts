import { statSync } from "node:fs";
import { basename, relative, sep } from "node:path";

import type { AssetResource, FunctionResource, Service } from "@offhook/runtime/service";

import type { FunctionInfo, Project } from "../api.ts";

export interface ServerInfo {
  readonly version: string;
  readonly url: string;
  readonly publicUrl: string | undefined;
  readonly hasEditor: boolean;
}

/** The project as pages show it. Only the names of variables, never their values. */
export function projectInfo({ sid, folder, functions, assets, variables }: Service, server: ServerInfo): Project {
  const { publicUrl, ...rest } = server;
  const infoOf = (each: FunctionResource | AssetResource): FunctionInfo => ({
    ...(each.visibility !== "private" && { path: each.path }),
    name: "name" in each ? each.name : each.path.slice(1),
    visibility: each.visibility,
    file: relative(folder, each.file).split(sep).join("/"),
  });
  return {
    id: sid,
    ...rest,
    ...(publicUrl !== undefined && { publicUrl }),
    name: basename(folder),
    functions: functions.map(infoOf),
    assets: assets.map((each) => ({ ...infoOf(each), bytes: sizeOf(each.file) })),
    variables: Object.entries(variables).map(([name, value]) => ({ name, hint: hintOf(value) })),
  };
}

/** Shows whether a variable has a value, and what kind. */
function hintOf(value: string): string {
  const sid = /^([A-Z]{2})[0-9a-f]{32}$/.exec(value)?.[1];
  if (sid !== undefined) return `${sid}… (34 characters)`;
  return value === "" ? "empty" : `${value.length} ${value.length === 1 ? "character" : "characters"}`;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
