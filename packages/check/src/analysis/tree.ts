/**
 * Helpers for nodes of a syntax tree.
 */
import { visitorKeys } from "oxc-parser";
import type { ArrowFunctionExpression, Function as FunctionNode, Node } from "oxc-parser";

import { keyOf, stringOf } from "./chain.ts";

export type AnyFunction = FunctionNode | ArrowFunctionExpression;

/** The nodes of TypeScript's own syntax that exist at run time. */
const typeScriptThatRuns = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
  "TSEnumDeclaration",
  "TSEnumBody",
  "TSEnumMember",
  "TSModuleDeclaration",
  "TSModuleBlock",
  "TSExportAssignment",
  "TSImportEqualsDeclaration",
  "TSParameterProperty",
]);

/** In source order. @param except properties of the node to skip. */
export function childrenOf(node: Node, except: readonly string[] = []): Node[] {
  const children = node as unknown as Readonly<Record<string, Node | readonly (Node | null)[] | null | undefined>>;
  return (visitorKeys[node.type] ?? []).flatMap((key) => {
    const child = except.includes(key) ? undefined : children[key];
    return [child].flat().filter((each) => each !== null && each !== undefined);
  });
}

/** Whether the node's code exists at run time. Types do not. */
export function runs({ type }: Node): boolean {
  return !type.startsWith("TS") || typeScriptThatRuns.has(type);
}

/** `import type`, `export type`, and `type` before a name in an import. */
export function isTypeOnly(node: Node): boolean {
  if ("importKind" in node) return node.importKind === "type";
  return "exportKind" in node && node.exportKind === "type";
}

export function isFunction(node: Node): node is AnyFunction {
  return /^(?:Function(?:Declaration|Expression)|ArrowFunctionExpression)$/.test(node.type);
}

export function nameOf(node: Node): string | undefined {
  return node.type === "Identifier" ? node.name : stringOf(node);
}

export function nameIn(param: Node | undefined): string | undefined {
  const inner = param?.type === "AssignmentPattern" ? param.left : param;
  return inner?.type === "Identifier" ? inner.name : undefined;
}

export function isNamed(param: Node | undefined, name: string | undefined): boolean {
  return name !== undefined && nameIn(param)?.replace(/^_/, "") === name;
}

interface PatternName {
  readonly name: string;
  /** The property of the destructured object, at its first level. */
  readonly key: string | undefined;
  /** The place of the declaration. It is the same for each use of the name. */
  readonly place: number;
}

export function namesIn(pattern: Node, key?: string, place = pattern.start): PatternName[] {
  switch (pattern.type) {
    case "Identifier":
      return [{ name: pattern.name, key, place }];
    case "AssignmentPattern":
      return namesIn(pattern.left, key, place);
    case "RestElement":
      return namesIn(pattern.argument);
    case "ArrayPattern":
      return pattern.elements.flatMap((each) => (each === null ? [] : namesIn(each)));
    case "ObjectPattern":
      return pattern.properties.flatMap((each) => {
        if (each.type === "RestElement") return namesIn(each.argument);
        // In nested patterns, only the names are known.
        const isPlain = each.value.type === "Identifier" || each.value.type === "AssignmentPattern";
        return namesIn(each.value, isPlain && key === undefined ? keyOf(each) : undefined, each.start);
      });
    default:
      return [];
  }
}
