/**
 * The banner of `dev`: short, because it is printed often. Warnings come first, so the URLs are the last lines on the
 * screen.
 */
import { pluralize, printable } from "@offhook/runtime/internal/printable";
import { addressOf, type BannerContent } from "../banner.ts";

/** Named functions. The others are only counted. */
const maxNamed = 5;
/** More warnings would push earlier output off the screen. */
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
    hint = "Press Ctrl+C to stop.",
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
  return rest > 0 ? [...lines, `(and ${pluralize(rest, "more warning")}; run offhook check to see all)`] : lines;
}
