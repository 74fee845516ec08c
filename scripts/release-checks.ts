/**
 * Checks of packed packages before their publication. Each function returns the problems that it finds.
 */
import type { Package } from "./packed-packages.ts";

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The packages have one version, and depend on exactly this version of each other. */
export function versionProblems(manifests: readonly Manifest[]): string[] {
  const version = manifests[0]?.version;
  const own = new Set(manifests.map(({ name }) => name));
  return manifests.flatMap(({ name, version: its, dependencies = {} }) => [
    ...(its === version ? [] : [`${name} has the version ${its}, not ${version}`]),
    ...Object.entries(dependencies)
      .filter(([each, range]) => own.has(each) && range !== version)
      .map(([each, range]) => `${name} depends on ${each} ${range}, not ${version}`),
  ]);
}

/** Each package comes after the packages that it depends on. */
export function orderProblems(packages: readonly Package[], manifests: readonly Manifest[]): string[] {
  const names = packages.map(({ name }) => name);
  return manifests.flatMap(({ name, dependencies = {} }) =>
    Object.keys(dependencies)
      .filter((each) => names.indexOf(each) > names.indexOf(name))
      .map((each) => `${name} is published before ${each}, which it depends on`),
  );
}

/** @param isDryRun whether the version may still be marked as not released. */
export function changelogProblems(changelog: string, version: string, isDryRun: boolean): string[] {
  const heading = changelog.split("\n").find((line) => line.startsWith(`## ${version}`));
  if (heading === undefined) return [`CHANGELOG.md has no heading "## ${version}"`];
  return isDryRun || !heading.includes("not yet released") ? [] : [`CHANGELOG.md says "${heading.slice(3)}"`];
}

export interface PackedFile {
  /** Relative to the package's folder. */
  readonly path: string;
  readonly text: string;
}

/** The types of functions are sources that are published as they are. */
const isPublishedSource = (path: string): boolean => path.startsWith("src/types/");

const unwantedPaths: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a source", /^(?:src|scripts)\/|^dist\/.*(?<!\.d)\.tsx?$/],
  ["a test", /^test\/|^(?!templates\/).*\.test\.[cm]?[jt]s$/],
  ["a file of the build", /\.tsbuildinfo$|\.original$|tsconfig\.build\.json$/],
  ["a file with variables", /(?:^|\/)\.env$/],
  ["a file of npm", /(?:^|\/)\.npmrc$/],
];

const secrets: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a token of npm", /npm_[A-Za-z0-9]{36}/],
  ["a token of GitHub", /gh[pousr]_[A-Za-z0-9]{36}/],
  // Made-up SIDs repeat a digit, or count.
  ["the SID of an account", /\bAC(?=[0-9a-f]{32}\b)(?!([0-9a-f])\1{7}|01234567|12345678)[0-9a-f]{32}\b/],
];

export function contentProblems(name: string, files: readonly PackedFile[]): string[] {
  return files.flatMap(({ path, text }) => [
    ...unwantedPaths
      .filter(([, pattern]) => pattern.test(path) && !isPublishedSource(path))
      .map(([what]) => `${name} has ${what}: ${path}`),
    ...secrets.filter(([, pattern]) => pattern.test(text)).map(([what]) => `${name} has ${what} in ${path}`),
  ]);
}

const maxPackageKb = 500;
const maxTotalKb = 1100;

/** @param sizes name → bytes of the archive. */
export function sizeProblems(sizes: ReadonlyMap<string, number>): string[] {
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const large = [...sizes].filter(([, size]) => size > maxPackageKb * 1000);
  return [
    ...large.map(([name, size]) => `${name} has ${Math.round(size / 1000)} kB, more than ${maxPackageKb} kB`),
    ...(total > maxTotalKb * 1000
      ? [`All archives have ${Math.round(total / 1000)} kB, more than ${maxTotalKb} kB`]
      : []),
  ];
}
