import assert from "node:assert/strict";
import { test } from "node:test";
import { commandTable } from "../packages/cli/src/command-table.ts";
import { pages } from "./markdown.ts";

test("the README lists every command of offhook, and no other", () => {
  const [page] = pages("README.md");
  const text = page?.text ?? "";
  const table = text.slice(text.indexOf("The commands, each"), text.indexOf("## What does not work"));
  const cells = [...table.matchAll(/^\| \[(.+?)\]\(/gm)].map(([, cell = ""]) => cell);
  const listed = cells.flatMap((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name));
  assert.deepEqual(new Set(listed), new Set(Object.keys(commandTable)));
});
