/**
 * Authors call `context` and `event` what they like. Detectors look for the usual names, in sources where these stand for the author's.
 */

const name = String.raw`\s*([A-Za-z_$][\w$]*)\s*(?::[^,()=]+)?`;
/** `exports.handler = async (c, e, cb) =>`, `export const handler: Handler = function (c, e) {`, `export function handler(c, e) {`. */
const handler = new RegExp(
  String.raw`\bhandler\s*(?::[^=\n]+)?(?:=\s*(?:async\s*)?(?:function\b\s*[\w$]*\s*)?)?\(${name}(?:,${name})?(?:,[^)]*)?\)`,
);

/** A name is left as it is where it may mean something else too, such as the error in `catch (e)`. */
export function withUsualNames(lines: readonly string[]): readonly string[] {
  const source = lines.join("\n");
  const match = handler.exec(source);
  if (match === null) return lines;
  const rest = `${source.slice(0, match.index)}${source.slice(match.index + match[0].length)}`;
  let renamed = lines;
  for (const [own, usual] of [
    [match[1], "context"],
    [match[2], "event"],
  ] as const) {
    if (own === undefined || own === usual || !isOnlyRead(own, rest)) continue;
    const uses = useOf(own);
    renamed = renamed.map((line) => line.replace(uses, usual));
  }
  return renamed;
}

/** Whether it stands nowhere but before a dot or bracket, or as all of a value: nothing else declares it. */
function isOnlyRead(own: string, source: string): boolean {
  return [...source.matchAll(useOf(own))].every(({ index, 0: { length } }) => {
    const isWhole = /=\s*$/.test(source.slice(Math.max(0, index - 20), index));
    return (
      /^\s*(?:\?\.|\.|\[)/.test(source.slice(index + length)) ||
      (isWhole && /^\s*(?:;|\n|$)/.test(source.slice(index + length)))
    );
  });
}

function useOf(own: string): RegExp {
  return new RegExp(String.raw`(?<![.\w$])${own.replaceAll("$", "\\$")}(?![\w$])`, "g");
}
