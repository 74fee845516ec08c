/** Effects of functions on their environment, and settings that hosted Functions do not have. */
import { excerpt } from "@offhook/runtime/internal/printable";
import type { Argument } from "../../analysis/facts.ts";
import { at, usesOf } from "../rule.ts";
import type { Rule } from "../rule.ts";

/** Functions of `fs` that write to their first argument. */
const writes =
  /^(?:writeFile|appendFile|mkdir|mkdtemp|rm|rmdir|unlink|truncate|createWriteStream|chmod|utimes|symlink|rename|copyFile|cp)(?:Sync)?$/;
/** Functions of `fs` that write to their second argument. */
const copies = /^(?:rename|copyFile|cp|symlink|link)(?:Sync)?$/;

/** Only certain cases: a path that starts in the project, or a complete path that is not in `/tmp`. */
function isOutsideOfTmp(path: Argument | undefined): boolean {
  if (path === undefined) return false;
  switch (path.kind) {
    case "literal":
      return typeof path.value === "string" && !/^\/tmp(?:\/|$)/.test(path.value) && path.value !== "";
    case "list":
      return isOutsideOfTmp(path.items.find((item) => item.kind !== "literal" || item.value !== ""));
    case "chain": {
      const names = path.steps.map(({ name }) => name).join(".");
      if (names === "__dirname" || names === "__filename" || names === "process.cwd") return true;
      const isJoin = /^node:path(?:\.posix)?\.(?:join|resolve)$/.test(names);
      return isJoin && isOutsideOfTmp(path.steps.at(-1)?.args?.[0]);
    }
    default:
      return false;
  }
}

interface Limit {
  readonly key:
    | "timeout"
    | "concurrency"
    | "memory"
    | "requestLimit"
    | "replyLimit"
    | "headerLimit"
    | "headerCountLimit"
    | "cookieMaxAge"
    | "assetLimit"
    | "privateAssetLimit";
  readonly hosted: number;
  readonly words: string;
}

const limits: readonly Limit[] = [
  { key: "timeout", hosted: 10_000, words: "10 s" },
  { key: "concurrency", hosted: 30, words: "30" },
  { key: "memory", hosted: 256, words: "256 MB" },
  { key: "requestLimit", hosted: 1_048_576, words: "1 MB" },
  { key: "replyLimit", hosted: 4_194_304, words: "4 MB" },
  { key: "headerLimit", hosted: 15_360, words: "15 kB" },
  { key: "headerCountLimit", hosted: 90, words: "90" },
  { key: "cookieMaxAge", hosted: 86_400, words: "1 day" },
  { key: "assetLimit", hosted: 26_214_400, words: "25 MB" },
  { key: "privateAssetLimit", hosted: 10_485_760, words: "10 MB" },
];

export const environmentRules: readonly Rule[] = [
  {
    id: "limit-raised",
    severity: "warning",
    contract: "§13",
    page: "limits.md",
    finds: "a limit that is higher than on hosted Functions",
    next: "Functions that need the higher limit fail there. Lower it to see these failures here.",
    *find({ settings }) {
      for (const { key, hosted, words } of limits) {
        if (settings[key] <= hosted) continue;
        const change = settings[key] === Infinity ? "is removed" : "is raised";
        yield { file: ".", message: `The limit ${key} ${change}; on hosted Functions it is ${words}` };
      }
    },
  },
  {
    id: "file-write",
    severity: "warning",
    contract: "row 191",
    page: "isolation.md#where-we-differ-from-hosted-functions",
    finds: "a write to a file outside `/tmp`",
    next: "Write to os.tmpdir(). Files there can be lost at any time.",
    *find(project) {
      for (const name of ["node:fs", "node:fs/promises"]) {
        for (const { source, rest } of usesOf(project, name)) {
          const call = rest[0]?.name === "promises" ? rest[1] : rest[0];
          if (call?.name === undefined || call.args === undefined) continue;
          const path = copies.test(call.name) ? call.args[1] : writes.test(call.name) ? call.args[0] : undefined;
          if (isOutsideOfTmp(path)) yield at(source, call, "Hosted Functions can only write to /tmp");
        }
      }
    },
  },
  {
    id: "global-write",
    severity: "warning",
    contract: "§2.1",
    page: "execution.md#what-counts-as-left",
    finds: "a handler that sets a global or a variable of `process.env`, which is undone when the invocation ends",
    next: "Use a variable of module scope instead.",
    *find(project) {
      for (const root of ["globalThis", "global", "process"]) {
        for (const { source, reference, rest } of usesOf(project, root)) {
          if (!reference.isWritten || !reference.isInFunction) continue;
          const isVariable = root === "process" && rest[0]?.name === "env" && rest.length === 2;
          const isGlobal = root !== "process" && rest.length === 1;
          if (!isVariable && !isGlobal) continue;
          const shown = excerpt(reference.steps.map(({ name }) => name ?? "[…]").join("."), 60);
          yield at(
            source,
            reference,
            `${shown} is restored when the invocation ends; hosted Functions may keep the new value`,
          );
        }
      }
    },
  },
  {
    id: "process-exit",
    severity: "warning",
    contract: "§2.2",
    page: "execution.md#how-an-isolate-ends",
    finds: "`process.exit()`, which causes a 500 here and is not documented for hosted Functions",
    next: "Call callback() and return.",
    *find(project) {
      for (const name of ["exit", "abort"]) {
        for (const { source, reference } of usesOf(project, "process", name)) {
          const step = reference.steps[1];
          if (step?.args !== undefined)
            yield at(source, step, `process.${name}() ends the process, and the caller gets a 500`);
        }
      }
    },
  },
  {
    id: "log-alert",
    severity: "info",
    contract: "rows 179, 180",
    page: "logs.md",
    finds: "`console.warn` and `console.error`, which raise alerts 82004 and 82005 on hosted Functions",
    next: "Use console.log for messages that need no alert.",
    *find(project) {
      const uses = [...usesOf(project, "console", "warn"), ...usesOf(project, "console", "error")];
      const [first] = uses.filter(({ reference }) => reference.steps[1]?.args !== undefined);
      if (first === undefined) return;
      const more = uses.length > 1 ? ` (${uses.length} places)` : "";
      yield at(
        first.source,
        first.reference.steps[1] ?? first.reference,
        `This raises an alert on hosted Functions${more}`,
      );
    },
  },
  {
    id: "module-state",
    severity: "info",
    contract: "§2.1",
    page: "execution.md#what-counts-as-left",
    finds: "variables of module scope that functions change, which last only as long as their isolate",
    next: "Only keep values there that can be lost at any time, and no data of one caller.",
    *find({ sources }) {
      for (const source of sources) {
        for (const each of source.facts.moduleState) {
          yield at(
            source,
            each,
            `Invocations in the same isolate share ${excerpt(each.name, 60)}, and it is lost when the isolate ends`,
          );
        }
      }
    },
  },
  {
    id: "domain-name",
    severity: "info",
    contract: "row 108",
    page: "context.md#domain_name",
    finds: "`context.DOMAIN_NAME`, which is `localhost` and the port here unless `publicUrl` is set",
    next: "Set publicUrl if Twilio calls this server through a tunnel.",
    *find(project) {
      const [first] = usesOf(project, "context", "DOMAIN_NAME");
      if (first === undefined || project.settings.publicUrl !== undefined) return;
      const place = first.reference.steps[1] ?? first.reference;
      yield at(first.source, place, "context.DOMAIN_NAME is localhost and the port here, because publicUrl is not set");
    },
  },
];
