/**
 * Turns a syntax tree into the outline of a file that hints use: see `SourceOutline`.
 */
import type { Node, Program, VariableDeclaration, VariableDeclarator } from "oxc-parser";

import type { Instance, LineRange, NamedRequire, SourceExport, SourceOutline, SourcePlace } from "@offhook/runtime";

import { bare, keyOf, stringOf } from "./chain.ts";
import { Collector } from "./collector.ts";
import { parseProgram } from "./parse.ts";
import type { Positions } from "./positions.ts";
import { ResourceLookups, type FoundLookup } from "./resource-lookups.ts";
import { childrenOf, isFunction, nameIn, namesIn, runs, type AnyFunction } from "./tree.ts";
import { VariableOrigins } from "./variable-origins.ts";

const nothing: Omit<SourceOutline, "problem"> = {
  statements: [],
  variables: [],
  parameters: [],
  instances: [],
  exports: [],
  handler: undefined,
  callbackName: "callback",
  callbackCalls: [],
  lookups: [],
  requestReads: [],
  requires: [],
  imports: [],
};

export function makeOutline(file: string, text: string): SourceOutline {
  const { program, positions, problem } = parseProgram(file, text);
  if (problem !== undefined) {
    const { line, column, frame = "" } = problem;
    return { ...nothing, problem: { line, column, text: frame } };
  }
  const { imports } = new Collector(positions, /\.[cm]?ts$/.test(file)).collect(program);
  const found = new OutlineCollector(positions).collect(program);
  return {
    problem: undefined,
    ...found,
    imports: imports.map(({ specifier, line, column }) => ({ specifier, line, column })),
  };
}

/** Statements with expressions beside their blocks. Each expression (an `if` condition) counts as a statement. */
const compound = /^(?:If|While|DoWhile|For|ForIn|ForOf|Switch|Labeled|Try|With)Statement$|^SwitchCase$/;
const simple = /^(?:Expression|Return|Throw)Statement$|^VariableDeclaration$/;
const comparison = /^[!=]==?$/;

class OutlineCollector {
  readonly #positions: Positions;
  readonly #origins = new VariableOrigins();
  readonly #statements: LineRange[] = [];
  readonly #reads: { readonly name: string; readonly line: number }[] = [];
  readonly #names: { readonly name: string; readonly line: number }[] = [];
  readonly #parameters: { readonly name: string; readonly line: number }[] = [];
  readonly #instances: Instance[] = [];
  readonly #exports: SourceExport[] = [];
  readonly #resources = new ResourceLookups();
  readonly #lookups: (FoundLookup & { readonly names: readonly string[] })[] = [];
  readonly #requestReads: number[] = [];
  readonly #requires: NamedRequire[] = [];
  readonly #calls: { readonly name: string; readonly start: number }[] = [];
  #handler: SourcePlace | undefined;
  #callbackName = "callback";
  /** Names that the current declaration defines. */
  #defined: readonly string[] = [];

  constructor(positions: Positions) {
    this.#positions = positions;
  }

  collect(program: Program): Omit<SourceOutline, "imports" | "problem"> {
    this.#declareAll(program);
    for (const statement of program.body) this.#export(statement);
    this.#statement(program);
    const behind = this.#names.flatMap(({ name, line }) => {
      return this.#origins.behind(name).map((variable) => ({ name: variable, line, rank: 0 }));
    });
    const variables = [...behind, ...this.#reads.map((read) => ({ ...read, rank: 1 }))]
      .toSorted((a, b) => a.line - b.line || a.rank - b.rank)
      .map(({ name, line }) => ({ name, line }));
    const uses = Map.groupBy(this.#names, ({ name }) => name);
    return {
      statements: this.#statements,
      variables,
      parameters: this.#parameters,
      instances: this.#instances,
      exports: this.#exports,
      handler: this.#handler ?? this.#exports.find((each) => "name" in each && each.name === "handler"),
      callbackName: this.#callbackName,
      callbackCalls: this.#calls
        .filter(({ name }) => name === this.#callbackName)
        .map(({ start }) => this.#positions.at(start)),
      lookups: this.#lookups.map(({ method, key, start, names }) => {
        const place = this.#positions.at(start);
        const lines = names.flatMap((name) => uses.get(name) ?? []).map(({ line }) => line);
        return { method, key, ...place, lines: [...new Set([place.line, ...lines])] };
      }),
      requestReads: this.#requestReads,
      requires: this.#requires,
    };
  }

  #lineOf({ start }: { readonly start: number }): number {
    return this.#positions.at(start).line;
  }

  /** Runs first, because functions use names that the file declares further down. */
  #declareAll(node: Node): void {
    if (!runs(node)) return;
    if (isFunction(node)) this.#declareFunction(node);
    else if (node.type === "VariableDeclaration") {
      for (const each of node.declarations) this.#declareVariable(each, node);
    } else if (node.type === "ClassDeclaration" && node.id !== null) this.#declare(node.id.name);
    else if (node.type === "CatchClause" && node.param !== null) this.#declareNames(node.param);
    else if (node.type === "ImportDeclaration") {
      for (const { local } of node.specifiers) this.#declare(local.name);
    } else if (node.type === "AssignmentExpression") {
      const target = node.left;
      const property =
        target.type === "MemberExpression" ? keyOf({ key: target.property, computed: target.computed }) : undefined;
      if (property === "handler") this.#maybeHandler(node.right, node);
      if (target.type === "Identifier") this.#noteInstance(target.name, node.right);
    } else if (node.type === "Property" && keyOf(node) === "handler") this.#maybeHandler(node.value, node);
    for (const child of childrenOf(node)) this.#declareAll(child);
  }

  #declareFunction(node: AnyFunction): void {
    if (node.type !== "ArrowFunctionExpression" && node.id !== null) {
      if (node.type === "FunctionDeclaration") this.#declare(node.id.name);
      if (node.id.name === "handler") this.#maybeHandler(node, node);
    }
    for (const param of node.params) this.#declareNames(param);
  }

  #declareVariable({ id, init }: VariableDeclarator, { kind, start }: VariableDeclaration): void {
    this.#declareNames(id);
    if (init === null) return;
    if (id.type === "Identifier") {
      this.#origins.setValue(id.name, init);
      this.#resources.setValue(id.name, init, kind === "const");
      const specifier = requiredText(init);
      if (specifier !== undefined) this.#requires.push({ name: id.name, specifier, ...this.#positions.at(start) });
      this.#noteInstance(id.name, init);
      if (id.name === "handler") this.#maybeHandler(init, id);
    } else if (id.type === "ObjectPattern") this.#origins.destructure(id, init);
  }

  #declareNames(pattern: Node): void {
    for (const { name } of namesIn(pattern.type === "TSParameterProperty" ? pattern.parameter : pattern)) {
      this.#declare(name);
    }
  }

  #declare(name: string): void {
    this.#origins.declare(name);
    this.#resources.declare(name);
  }

  /** Only the first handler counts. */
  #maybeHandler(value: Node, at: Node): void {
    const node = bare(value);
    if (this.#handler !== undefined || !isFunction(node)) return;
    const [context, event, callback] = node.params;
    this.#handler = this.#positions.at(at.start);
    this.#origins.setHandler(nameIn(context), nameIn(event));
    this.#callbackName = nameIn(callback) ?? this.#callbackName;
  }

  #noteInstance(name: string, value: Node): void {
    const node = bare(value);
    const className = node.type === "NewExpression" ? dotted(node.callee) : undefined;
    if (className !== undefined) this.#instances.push({ name, className });
  }

  #export(statement: Node): void {
    const at = this.#positions.at(statement.start);
    if (statement.type === "ExportNamedDeclaration" && statement.declaration !== null) {
      const { declaration } = statement;
      if (declaration.type === "FunctionDeclaration" && declaration.id !== null) {
        this.#exports.push({ kind: "declared", name: declaration.id.name, ...at });
      } else if (declaration.type === "VariableDeclaration") {
        for (const { id } of declaration.declarations) {
          if (id.type === "Identifier") this.#exports.push({ kind: "declared", name: id.name, ...at });
        }
      }
    }
    if (statement.type !== "ExpressionStatement" || statement.expression.type !== "AssignmentExpression") return;
    const { left, right } = statement.expression;
    const target = dotted(left) ?? "";
    if (target === "module.exports" && isFunction(bare(right))) this.#exports.push({ kind: "whole", ...at });
    const [, object, name] = /^(exports|modules?\.exports?)\.(\w+)$/.exec(target) ?? [];
    if (object !== undefined && name !== undefined && target !== "module.exports") {
      this.#exports.push({ kind: "assigned", object, name, ...at });
    }
  }

  /** A statement of a block or a module, or one inside another statement. */
  #statement(node: Node): void {
    if (!runs(node) || node.type === "ImportDeclaration") return;
    if (node.type === "FunctionDeclaration") return node.body === null ? undefined : this.#body(node.body);
    if (simple.test(node.type)) this.#noteStatement(node);
    const isCompound = compound.test(node.type);
    for (const child of childrenOf(node)) {
      if (/Statement$|Declaration$|^SwitchCase$|^CatchClause$/.test(child.type)) this.#statement(child);
      else if (isCompound) {
        this.#noteStatement(child);
        this.#expression(child, "test" in node && node.test === child);
      } else this.#expression(child, false);
    }
  }

  #noteStatement({ start, end }: Node): void {
    this.#statements.push({ first: this.#positions.at(start).line, last: this.#positions.at(end).line });
  }

  /** @param isTested whether the code expects that the value may be missing. */
  #expression(node: Node, isTested: boolean): void {
    if (!runs(node)) return;
    const variable = this.#origins.variableOf(node);
    if (variable !== undefined) {
      if (!isTested) this.#reads.push({ name: variable, line: this.#lineOf(node) });
      return;
    }
    const operands = operandsOf(node, isTested);
    if (operands !== undefined) {
      for (const [operand, isOneTested] of operands) this.#expression(operand, isOneTested);
      return;
    }
    switch (node.type) {
      case "Identifier":
        this.#names.push({ name: node.name, line: this.#lineOf(node) });
        return;
      case "MemberExpression":
        this.#noteMember(node);
        this.#expression(node.object, node.optional);
        return node.computed ? this.#expression(node.property, false) : undefined;
      case "CallExpression":
        if (node.callee.type === "Identifier") this.#calls.push({ name: node.callee.name, start: node.callee.start });
        return this.#each(childrenOf(node), false);
      case "VariableDeclarator":
        return node.init === null ? undefined : this.#definition(node.id, node.init);
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        return this.#each(childrenOf(node, node.computed ? [] : ["key"]), false);
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return node.body === null ? undefined : this.#body(node.body);
      default:
        return this.#each(childrenOf(node), false);
    }
  }

  #definition(id: Node, init: Node): void {
    const outer = this.#defined;
    this.#defined = namesIn(id).map(({ name }) => name);
    this.#expression(init, false);
    this.#defined = outer;
  }

  #noteMember(node: Extract<Node, { type: "MemberExpression" }>): void {
    const { object, property, computed } = node;
    if (!computed && this.#origins.isEvent(object) && property.type === "Identifier") {
      this.#parameters.push({ name: property.name, line: this.#lineOf(property) });
    }
    const lookup = this.#resources.find(node);
    if (lookup !== undefined) this.#lookups.push({ ...lookup, names: this.#defined });
    const name = keyOf({ key: property, computed });
    if ((name === "headers" || name === "cookies") && isRequest(bare(object))) {
      this.#requestReads.push(this.#lineOf(node));
    }
  }

  #each(nodes: readonly Node[], isTested: boolean): void {
    for (const node of nodes) this.#expression(node, isTested);
  }

  #body(node: Node): void {
    const outer = this.#defined;
    this.#defined = [];
    if (node.type === "BlockStatement") this.#statement(node);
    else this.#expression(node, false);
    this.#defined = outer;
  }
}

/** The parts of an operation, and whether the code expects that each may be missing. Undefined for other nodes. */
function operandsOf(node: Node, isTested: boolean): readonly (readonly [Node, boolean])[] | undefined {
  switch (node.type) {
    case "ChainExpression":
    case "ParenthesizedExpression":
    case "TSNonNullExpression":
      return [[node.expression, isTested]];
    case "LogicalExpression":
      return [
        [node.left, true],
        [node.right, isTested],
      ];
    case "UnaryExpression":
      return [[node.argument, node.operator === "!" || node.operator === "typeof"]];
    case "BinaryExpression":
      return [node.left, node.right].map((each) => [each, comparison.test(node.operator)]);
    case "ConditionalExpression":
      return [
        [node.test, true],
        [node.consequent, false],
        [node.alternate, false],
      ];
    case "AssignmentExpression":
      // The target of an assignment may be missing before.
      return [
        [node.left, true],
        [node.right, false],
      ];
    default:
      return undefined;
  }
}

/** `event.request`, or a variable named `request`. */
function isRequest(node: Node): boolean {
  if (node.type === "Identifier") return node.name === "request";
  return node.type === "MemberExpression" && keyOf({ key: node.property, computed: node.computed }) === "request";
}

function requiredText(value: Node): string | undefined {
  const node = bare(value);
  const isRequire =
    node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "require";
  return isRequire ? stringOf(node.arguments[0]) : undefined;
}

/** `Twilio.twiml.VoiceResponse`. Undefined for expressions with more than names and dots. */
function dotted(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression") return undefined;
  const object = dotted(node.object);
  const name = node.computed ? stringOf(node.property) : "name" in node.property ? node.property.name : undefined;
  return object === undefined || name === undefined ? undefined : `${object}.${name}`;
}
