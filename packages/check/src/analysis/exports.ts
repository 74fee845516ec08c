/**
 * The exports of a file, in both kinds of modules.
 */
import type { Node, Program } from "oxc-parser";

import { bare, keyOf, stringOf } from "./chain.ts";
import type { Place, Step } from "./facts.ts";
import type { Positions } from "./positions.ts";
import type { Scopes } from "./scope.ts";

type StepsOf = (node: Node) => readonly Step[] | undefined;

export class ExportList {
  readonly found: ({ readonly name: string } & Place)[] = [];
  isUnknown = false;
  readonly #scopes: Scopes;
  readonly #positions: Positions;
  /** Places where the exports object is used in a way that we understand. */
  readonly #understood = new Set<string>();

  constructor(scopes: Scopes, positions: Positions) {
    this.#scopes = scopes;
    this.#positions = positions;
  }

  #add(name: string | undefined, start: number): void {
    if (name === undefined) this.isUnknown = true;
    else this.found.push({ name, ...this.#positions.at(start) });
  }

  /** @returns whether the assignment exports a handler. */
  assigned(left: Node, value: Node, stepsOf: StepsOf): boolean {
    const target = bare(left);
    if (target.type !== "MemberExpression" && target.type !== "Identifier") return false;
    const steps = stepsOf(target);
    const names = exportedBy(steps);
    if (steps === undefined || names === undefined) return false;
    this.#understood.add(keyOfPlace(steps[0]));
    if (names.length === 0) this.#value(value);
    if (names.length === 1) this.#add(names[0], target.start);
    return names.length === 1 && names[0] === "handler";
  }

  isObjectOfExports(left: Node, value: Node): boolean {
    if (value.type !== "ObjectExpression" || left.type !== "MemberExpression") return false;
    return left.object.type === "Identifier" && left.object.name === "module";
  }

  /** `Object.defineProperty(exports, "name", …)`, as compilers write it. */
  defined(node: Node, stepsOf: StepsOf): boolean {
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return false;
    const { object, property } = node.callee;
    const isDefine = object.type === "Identifier" && object.name === "Object" && "name" in property;
    if (!isDefine || property.name !== "defineProperty" || this.#scopes.find("Object") !== undefined) return false;
    const [target, name] = node.arguments;
    const steps = target === undefined ? undefined : stepsOf(target);
    if (exportedBy(steps)?.length !== 0) return false;
    this.#understood.add(keyOfPlace(steps?.[0]));
    this.#add(stringOf(name), node.start);
    return true;
  }

  /** Code that uses the exports object as a whole may add anything to it. */
  read(steps: readonly Step[], isWritten: boolean): void {
    const names = exportedBy(steps);
    const [first] = steps;
    const isWhole = names !== undefined ? names.length === 0 : first?.name === "module" && steps.length === 1;
    if (isWhole && !isWritten && !this.#understood.has(keyOfPlace(first))) this.isUnknown = true;
  }

  /** @returns the exported value, if it may be the handler. */
  statement(node: Node): Node | undefined {
    switch (node.type) {
      case "ExportAllDeclaration":
        this.isUnknown = true;
        return undefined;
      case "ExportDefaultDeclaration": {
        this.#add("default", node.start);
        const value = bare(node.declaration);
        if (value.type === "ObjectExpression") this.#value(value);
        return value;
      }
      case "TSExportAssignment": {
        const value = bare(node.expression);
        this.#value(value);
        return value.type === "ObjectExpression" ? value : undefined;
      }
      case "ExportNamedDeclaration":
        return this.#named(node);
      default:
        return undefined;
    }
  }

  #named({ declaration, specifiers }: Extract<Node, { type: "ExportNamedDeclaration" }>): Node | undefined {
    for (const { exported, start } of specifiers) {
      this.#add(exported.type === "Identifier" ? exported.name : stringOf(exported), start);
    }
    if (declaration === null) return undefined;
    if (declaration.type === "VariableDeclaration") {
      for (const { id } of declaration.declarations) {
        if (id.type === "Identifier") this.#add(id.name, id.start);
        else this.isUnknown = true;
      }
    } else if ("id" in declaration && declaration.id?.type === "Identifier") {
      this.#add(declaration.id.name, declaration.start);
      if (declaration.type === "FunctionDeclaration" && declaration.id.name === "handler") return declaration;
    }
    return undefined;
  }

  /** Records the exports of a value that is exported as a whole. */
  #value(value: Node): void {
    if (value.type === "AssignmentExpression") return this.#value(bare(value.right));
    if (value.type === "ObjectExpression") {
      for (const property of value.properties) {
        if (property.type === "Property") this.#add(keyOf(property), property.start);
        else this.isUnknown = true;
      }
      return;
    }
    // Exports of a function or a class are the properties set on it later. Other values may have any exports.
    if (!/^(?:Function|ArrowFunction|Class)Expression$|^Literal$/.test(value.type)) this.isUnknown = true;
  }
}

/** The steps after `exports` or `module.exports`. Undefined for other expressions. */
function exportedBy(steps: readonly Step[] | undefined): (string | undefined)[] | undefined {
  const [first, second] = steps ?? [];
  if (first?.name === "exports") return steps?.slice(1).map(({ name }) => name);
  if (first?.name === "module" && second?.name === "exports") return steps?.slice(2).map(({ name }) => name);
  return undefined;
}

function keyOfPlace(step: Step | undefined): string {
  return `${step?.line}:${step?.column}`;
}

/** Names in module scope that are exported as the handler. The collector needs them before it visits the functions. */
export function handlerNames({ body }: Program): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (node: Node): void => {
    const value = bare(node);
    if (value.type === "Identifier") names.add(value.name);
  };
  for (const statement of body) {
    if (statement.type === "ExportNamedDeclaration") {
      for (const { local, exported } of statement.specifiers) {
        if (exported.type === "Identifier" && exported.name === "handler") add(local);
      }
      if (statement.declaration?.type === "VariableDeclaration") names.add("handler");
    } else if (statement.type === "ExportDefaultDeclaration") add(statement.declaration);
    else if (statement.type === "ExpressionStatement" && statement.expression.type === "AssignmentExpression") {
      const { left, right } = statement.expression;
      if (left.type !== "MemberExpression") continue;
      const name = left.computed ? stringOf(left.property) : "name" in left.property ? left.property.name : undefined;
      if (name === "handler") add(right);
      if (name !== "exports" || right.type !== "ObjectExpression") continue;
      for (const property of right.properties) {
        if (property.type === "Property" && keyOf(property) === "handler") add(property.value);
      }
    }
  }
  return names;
}
