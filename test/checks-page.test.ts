import { test } from "node:test";
import { assertUpToDate, generatedParts } from "./reference-pages.ts";

for (const part of generatedParts().filter(({ name }) => ["rules", "examinations"].includes(name))) {
  test(`the part "${part.name}" of the page of check and doctor agrees with the table`, () => assertUpToDate(part));
}
