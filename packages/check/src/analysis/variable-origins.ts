/**
 * Finds the names in a file that stand for variables of the service. A name counts in the whole file, so a name with
 * two declarations may mean something else.
 */
import type { Node, ObjectPattern } from "oxc-parser";

import { bare, keyOf, stringOf } from "./chain.ts";

const capitals = /^[A-Z][A-Z0-9_]*$/;
/** Bracket access allows any name. */
const variableName = /^[\w.-]+$/;
const maxNames = 200;

/** The direct sources of a name, from its declarations. */
interface Sources {
  readonly variables: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

export class VariableOrigins {
  readonly #declared = new Map<string, number>();
  readonly #values = new Map<string, Node[]>();
  /** Variables that a pattern reads from the context, by local name. */
  readonly #taken = new Map<string, string[]>();
  readonly #sources = new Map<string, Sources>();
  readonly #behind = new Map<string, readonly string[]>();
  #handler: { readonly context: string | undefined; readonly event: string | undefined } | undefined;

  declare(name: string): void {
    this.#declared.set(name, (this.#declared.get(name) ?? 0) + 1);
  }

  /** Names of the handler's first two parameters. */
  setHandler(context: string | undefined, event: string | undefined): void {
    this.#handler = { context, event };
  }

  setValue(name: string, value: Node): void {
    addTo(this.#values, name, value);
  }

  /** `const { API_KEY, HOST: host } = context`. A variable with a default may be missing. */
  destructure(pattern: ObjectPattern, value: Node): void {
    const source = bare(value);
    if (!isEnvironment(source) && !(source.type === "Identifier" && source.name === "context")) return;
    for (const property of pattern.properties) {
      if (property.type !== "Property" || property.value.type !== "Identifier") continue;
      const variable = keyOf(property);
      const { name } = property.value;
      if (variable === undefined || !capitals.test(variable)) continue;
      addTo(this.#taken, name, variable);
    }
  }

  isEvent(node: Node): boolean {
    return this.#isCalled(node, "event", this.#handler?.event);
  }

  /** `API_KEY` of `context.API_KEY`, `context["API_KEY"]` and `process.env.API_KEY`. */
  variableOf(expression: Node): string | undefined {
    const node = bare(expression);
    if (node.type !== "MemberExpression") return undefined;
    const object = bare(node.object);
    if (!isEnvironment(object) && !this.#isCalled(object, "context", this.#handler?.context)) return undefined;
    const name = node.computed ? stringOf(node.property) : "name" in node.property ? node.property.name : undefined;
    const isVariable = name !== undefined && (node.computed ? variableName : capitals).test(name);
    return isVariable ? name : undefined;
  }

  /** Variables that are the value of a name, or parts of its text. */
  behind(name: string): readonly string[] {
    const cached = this.#behind.get(name);
    if (cached !== undefined) return cached;
    const found = new Set<string>();
    const names = new Set([name]);
    // The set grows during the loop, because names can refer to other names.
    for (const each of names) {
      if (names.size > maxNames) break;
      const sources = this.#sourcesOf(each);
      for (const variable of sources.variables) found.add(variable);
      for (const inner of sources.names) names.add(inner);
    }
    const behind = [...found];
    this.#behind.set(name, behind);
    return behind;
  }

  #sourcesOf(name: string): Sources {
    const cached = this.#sources.get(name);
    if (cached !== undefined) return cached;
    const sources = { variables: new Set<string>(), names: new Set<string>() };
    for (const value of this.#values.get(name) ?? []) {
      const parts = this.#partOf(value) === undefined ? textParts(value) : [value];
      for (const part of parts) {
        const variable = this.#partOf(part);
        const node = bare(part);
        if (variable !== undefined) sources.variables.add(variable);
        else if (node.type === "Identifier") sources.names.add(node.name);
      }
    }
    for (const variable of this.#taken.get(name) ?? []) sources.variables.add(variable);
    this.#sources.set(name, sources);
    return sources;
  }

  /** A variable, or the result of a chain on it: `context.HOST.trim()`. */
  #partOf(value: Node): string | undefined {
    const node = bare(value);
    const variable = this.variableOf(node);
    if (variable !== undefined) return variable;
    if (node.type === "MemberExpression") return node.optional ? undefined : this.#partOf(node.object);
    return node.type === "CallExpression" && bare(node.callee).type === "MemberExpression"
      ? this.#partOf(node.callee)
      : undefined;
  }

  #isCalled(node: Node, usual: string, own: string | undefined): boolean {
    if (node.type !== "Identifier") return false;
    return node.name === usual || (node.name === own && this.#declared.get(own) === 1);
  }
}

function isEnvironment(node: Node): boolean {
  return (
    node.type === "MemberExpression" &&
    node.object.type === "Identifier" &&
    node.object.name === "process" &&
    keyOf({ key: node.property, computed: node.computed }) === "env"
  );
}

/** The parts of a text made by templates and `+`. Empty if something else is part of it. */
function textParts(value: Node): readonly Node[] {
  const parts: Node[] = [];
  const waiting = [bare(value)];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.type === "TemplateLiteral") waiting.push(...node.expressions.map(bare));
    else if (node.type === "BinaryExpression" && node.operator === "+") waiting.push(bare(node.right), bare(node.left));
    else if (/^(?:Identifier|MemberExpression|Literal)$/.test(node.type)) parts.push(node);
    else return [];
  }
  // A single name is not a composed text.
  return /^(?:TemplateLiteral|BinaryExpression)$/.test(bare(value).type) ? parts : [];
}

function addTo<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}
