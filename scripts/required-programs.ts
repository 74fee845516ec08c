/**
 * Programs of the system that the tests run, and the packages of Debian that have them.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const packages: Readonly<Record<string, string>> = {
  // The tests run the commands of the documentation.
  curl: "curl",
  git: "git",
  openssl: "openssl",
  // Takes resources from a running server.
  prlimit: "util-linux",
  setpriv: "util-linux",
  // Gives a command a terminal.
  script: "bsdutils",
  tar: "tar",
};

/** @param path the variable PATH. @returns what to install, or undefined if every program is there. */
export function missingProgramsText(path: string): string | undefined {
  const missing = Object.keys(packages).filter((program) => !isOn(path, program));
  if (missing.length === 0) return undefined;
  const names = [...new Set(missing.map((program) => packages[program]))];
  return `The tests need ${missing.join(", ")}, not found on the PATH. On Debian: apt-get install ${names.join(" ")}`;
}

function isOn(path: string, program: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
