import { test } from "node:test";
import { assertUpToDate, generatedParts } from "./reference-pages.ts";

for (const part of generatedParts().filter(({ page }) => page.endsWith("settings.md"))) {
  test(`the part "${part.name}" of the page of settings agrees with the tables`, () => assertUpToDate(part));
}
