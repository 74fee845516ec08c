/**
 * Prints each wording problem of the repository with its place: `npm run wording`.
 *
 *     node scripts/wording/main.ts [--no-grammar] [path prefix ...]
 */
import { checkWording } from "./check.ts";
import { checkNames } from "./names.ts";
import { readPassages } from "./passages.ts";

const repository = process.cwd();
const prefixes = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const isChosen = ({ file }: { readonly file: string }): boolean =>
  prefixes.length === 0 || prefixes.some((prefix) => file.startsWith(prefix));
const passages = readPassages(repository).filter(isChosen);
const findings = [
  ...checkNames(repository).filter(isChosen),
  ...(await checkWording(passages, !process.argv.includes("--no-grammar"))),
];
for (const { file, line, problem, advice } of findings) console.log(`${file}:${line}  "${problem}": ${advice}`);
console.log(`wording: ${findings.length} problems in ${passages.length} passages`);
process.exitCode = findings.length === 0 ? 0 : 1;
