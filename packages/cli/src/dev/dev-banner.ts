/**
 * What `dev` prints when the server is up: short, since it is printed often. Warnings come first, so that however many there are,
 * the URLs are the last lines on the screen.
 */
import { pluralize, printable } from "@offhook/runtime/internal/printable";
import { addressOf, type BannerContent } from "../banner.ts";

/** Functions that are named; of more, their number says enough. */
const maxNamed = 5;
/** More would push out what the terminal showed before. */
const maxWarnings = 8;

export function devBanner(content: BannerContent): string {
  const {
    version,
    service,
    url,
    debugger: forDebuggers,
    warnings,
    startedInMs,
    dashboard,
    hint = "Ctrl+C stops.",
  } = content;
  const callable = service.functions.filter(({ visibility }) => visibility !== "private");
  const named = callable.slice(0, maxNamed).map((one) => {
    return `${addressOf(one, "")}${one.visibility === "protected" ? " (protected)" : ""}`;
  });
  const rest = callable.length - named.length;
  const counts = [pluralize(service.functions.length, "function"), pluralize(service.assets.length, "asset")];
  return [
    ...warningLines(warnings),
    ...(dashboard === undefined ? [] : [`Dashboard: ${dashboard}`]),
    `Offhook ${version} dev, ready in ${Math.round(startedInMs)} ms: ${url}`,
    `  ${counts.join(" and ")} in ${printable(service.folder)}`,
    ...(named.length > 0 ? [`  ${named.join("  ")}${rest > 0 ? `  and ${rest} more` : ""}`] : []),
    ...(forDebuggers ? [`  Debugger at ${forDebuggers.address}  ${forDebuggers.devtoolsUrl}`] : []),
    `  Changes are live when saved. ${hint}`,
    "",
  ].join("\n");
}

function warningLines(warnings: readonly string[]): string[] {
  const lines = warnings.slice(0, maxWarnings).map((warning) => `Warning: ${printable(warning)}`);
  const rest = warnings.length - maxWarnings;
  return rest > 0 ? [...lines, `(and ${pluralize(rest, "more warning")}: see offhook check)`] : lines;
}
