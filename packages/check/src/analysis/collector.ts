/**
 * From a syntax tree to facts.
 */
import type { Node, Program, VariableDeclaration } from "oxc-parser";

import { workBehindCallback } from "./after-callback.ts";
import { bare, Chains, keyOf, moduleName, requiredBy, someFile, stringOf } from "./chain.ts";
import { ExportList, handlerNames } from "./exports.ts";
import type { Facts, Handler, Import, Place, Reference, Step } from "./facts.ts";
import { ImportList } from "./import-list.ts";
import type { Positions } from "./positions.ts";
import { Scopes } from "./scope.ts";
import { childrenOf, isFunction, isNamed, nameIn, nameOf, namesIn, runs } from "./tree.ts";
import type { AnyFunction } from "./tree.ts";

const roles = ["context", "event", "callback"];

export class Collector {
  readonly #positions: Positions;
  readonly #isTypeScript: boolean;
  readonly #scopes = new Scopes();
  readonly #chains: Chains;
  readonly #exports: ExportList;
  readonly #imports = new ImportList();
  readonly #references: Reference[] = [];
  readonly #moduleState = new Map<string, Place>();
  readonly #afterCallback: Place[] = [];
  #handlerNames: ReadonlySet<string> = new Set();
  #handler: Handler | undefined;
  #moduleSyntax: Place | undefined;
  #functionDepth = 0;
  #tryDepth = 0;
  #isTest = false;
  #uses = 0;

  constructor(positions: Positions, isTypeScript: boolean) {
    this.#positions = positions;
    this.#isTypeScript = isTypeScript;
    this.#chains = new Chains(this.#scopes, positions);
    this.#exports = new ExportList(this.#scopes, positions);
  }

  collect(program: Program): Facts {
    this.#handlerNames = handlerNames(program);
    this.#block(program.body);
    return {
      moduleSyntax: this.#moduleSyntax,
      imports: this.#imports.found(this.#isTypeScript),
      references: this.#references,
      exports: this.#exports.found,
      exportsUnknown: this.#exports.isUnknown,
      handler: this.#handler,
      moduleState: [...this.#moduleState].map(([name, place]) => ({ name, ...place })),
      afterCallback: this.#afterCallback,
    };
  }

  #visitAll(nodes: readonly (Node | null)[]): void {
    for (const node of nodes) if (node !== null) this.#visit(node);
  }

  #children(node: Node, except: readonly string[] = []): void {
    this.#visitAll(childrenOf(node, except));
  }

  #visit(node: Node): void {
    if (!runs(node)) return;
    switch (node.type) {
      case "BlockStatement":
      case "StaticBlock":
      case "TSModuleBlock":
        return this.#block(node.body as Node[]);
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.#function(node, this.#isHandlerByName(node));
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "CatchClause":
      case "SwitchStatement":
        return this.#scoped(node);
      case "IfStatement":
      case "ConditionalExpression":
      case "WhileStatement":
      case "DoWhileStatement":
        this.#test(node.test);
        return this.#children(node, ["test"]);
      case "LogicalExpression":
        this.#test(node.left);
        return this.#visit(node.right);
      case "UnaryExpression":
        return node.operator === "!" || node.operator === "typeof" ? this.#test(node.argument) : this.#children(node);
      case "BinaryExpression":
        return /^[!=]==?$/.test(node.operator) ? this.#test(node.left, node.right) : this.#children(node);
      case "TryStatement":
        this.#tryDepth++;
        this.#visit(node.block);
        this.#tryDepth--;
        return this.#children(node, ["block"]);
      case "VariableDeclarator":
        return this.#declarator(node.id, node.init);
      case "AssignmentExpression":
        return this.#assignment(node.left, node.right);
      case "UpdateExpression":
        return this.#write(node.argument);
      case "Identifier":
      case "MemberExpression":
      case "CallExpression":
      case "NewExpression":
      case "ImportExpression":
      case "ChainExpression":
        return this.#chain(node, false);
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
      case "AccessorProperty":
        return this.#children(node, node.computed ? [] : ["key"]);
      case "LabeledStatement":
        return this.#visit(node.body);
      case "BreakStatement":
      case "ContinueStatement":
      case "MetaProperty":
        return;
      case "TSEnumDeclaration":
      case "TSEnumMember":
      case "TSModuleDeclaration":
        return this.#children(node, ["id"]);
      default:
        if (!this.#moduleStatement(node)) this.#children(node);
    }
  }

  #test(...nodes: readonly Node[]): void {
    this.#tested(true, () => this.#visitAll(nodes));
  }

  #tested(isTest: boolean, visit: () => void): void {
    const before = this.#isTest;
    this.#isTest = isTest;
    visit();
    this.#isTest = before;
  }

  /** Names first: what is declared further down is used further up, in functions. */
  #block(statements: readonly Node[]): void {
    this.#scopes.push();
    this.#declareAll(statements);
    if (this.#functionDepth > 0) {
      const work = workBehindCallback(statements, (each) => this.#chains.stepsOf(each));
      this.#afterCallback.push(...work.map(({ start }) => this.#positions.at(start)));
    }
    this.#visitAll(statements);
    this.#scopes.pop();
  }

  #declareAll(statements: readonly Node[]): void {
    for (const statement of statements) {
      const node =
        statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration"
          ? statement.declaration
          : statement;
      if (node?.type === "VariableDeclaration") this.#declareVariables(node);
      else if (node?.type === "ImportDeclaration") this.#declareImports(node);
      else if (node !== null && "id" in node && node.id?.type === "Identifier") {
        this.#scopes.declare(node.id.name, { steps: undefined, value: node });
      }
    }
  }

  #declareVariables({ declarations, kind }: VariableDeclaration): void {
    for (const { id, init } of declarations) {
      const steps = init === null ? undefined : this.#chains.stepsOf(init);
      const isModuleState = this.#scopes.isModule && kind !== "const";
      if (id.type === "Identifier") {
        // Of a variable that changes, its first value says nothing.
        this.#scopes.declare(id.name, { steps: kind === "const" ? steps : undefined, isModuleState, value: init });
      } else this.#declarePattern(id, steps, isModuleState);
    }
  }

  #declarePattern(pattern: Node, steps: readonly Step[] | undefined, isModuleState = false): void {
    for (const { name, key, place } of namesIn(pattern)) {
      const known = steps !== undefined && key !== undefined;
      const found = known ? [...steps, { name: key, ...this.#positions.at(place) }] : undefined;
      this.#scopes.declare(name, { steps: found, isModuleState });
    }
  }

  #declareImports(node: Extract<Node, { type: "ImportDeclaration" }>): void {
    const first = { name: moduleName(node.source.value), ...this.#positions.at(node.start) };
    for (const { local, ...specifier } of node.specifiers) {
      const name = specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : undefined;
      const steps = name === undefined ? [first] : [first, { name, ...this.#positions.at(local.start) }];
      this.#scopes.declare(local.name, { steps });
    }
  }

  #isHandlerByName(node: AnyFunction): boolean {
    return this.#functionDepth === 0 && node.id !== null && this.#handlerNames.has(node.id.name);
  }

  #function(node: AnyFunction, isHandler: boolean): void {
    const { params, body } = node;
    const usesBefore = this.#uses;
    this.#functionDepth++;
    this.#scopes.push();
    const isLikeHandler = isHandler || isNamed(params[0], "context");
    for (const [index, param] of params.entries()) {
      const role = roles[index];
      const isRole = isHandler || (isLikeHandler && isNamed(param, role)) || isNamed(param, "context");
      this.#parameter(param, isRole ? (isHandler ? role : nameIn(param)) : undefined);
    }
    if (body !== null) this.#tested(false, () => this.#visit(body));
    this.#scopes.pop();
    this.#functionDepth--;
    if (isHandler) {
      const usesCallback = params.slice(0, 3).some(({ type }) => type === "RestElement") || this.#uses > usesBefore;
      this.#handler = { ...this.#positions.at(node.start), parameters: params.length, usesCallback };
    }
  }

  #parameter(param: Node, role: string | undefined): void {
    const inner = param.type === "TSParameterProperty" ? param.parameter : param;
    const pattern = inner.type === "AssignmentPattern" ? inner.left : inner;
    if (inner.type === "AssignmentPattern") this.#visit(inner.right);
    const steps = role === undefined ? undefined : [{ name: role, ...this.#positions.at(pattern.start) }];
    if (pattern.type === "Identifier") this.#scopes.declare(pattern.name, { steps });
    else {
      this.#declarePattern(pattern, steps);
      this.#pattern(pattern, steps);
    }
  }

  #scoped(node: Node): void {
    this.#scopes.push();
    if (node.type === "CatchClause" && node.param !== null) this.#declarePattern(node.param, undefined);
    if (node.type === "ForStatement" && node.init !== null) this.#declareAll([node.init]);
    if (node.type === "ForInStatement" || node.type === "ForOfStatement") this.#declareAll([node.left]);
    if (node.type === "SwitchStatement") this.#declareAll(node.cases.flatMap(({ consequent }) => consequent));
    this.#children(node, node.type === "CatchClause" ? ["param"] : []);
    this.#scopes.pop();
  }

  #declarator(id: Node, init: Node | null): void {
    if (init !== null) {
      const value = bare(init);
      const isHandler = this.#functionDepth === 0 && id.type === "Identifier" && this.#handlerNames.has(id.name);
      if (isHandler && isFunction(value)) this.#function(value, true);
      else this.#visit(init);
    }
    if (id.type !== "Identifier") this.#pattern(id, init === null ? undefined : this.#chains.stepsOf(init));
  }

  /** What is taken out of something by a pattern is used. */
  #pattern(pattern: Node, steps: readonly Step[] | undefined): void {
    if (pattern.type === "AssignmentPattern") {
      this.#visit(pattern.right);
      return this.#pattern(pattern.left, steps);
    }
    if (pattern.type === "ArrayPattern") {
      for (const element of pattern.elements) if (element !== null) this.#pattern(element, undefined);
      return;
    }
    if (pattern.type !== "ObjectPattern") return;
    for (const property of pattern.properties) {
      if (property.type !== "Property") continue;
      const key = keyOf(property);
      const found = steps && [...steps, { name: key, ...this.#positions.at(property.start) }];
      if (found !== undefined) this.#record(found, property.start, false, property.value.type === "AssignmentPattern");
      this.#pattern(property.value, found);
    }
  }

  #assignment(left: Node, right: Node): void {
    const value = bare(right);
    const isHandler = this.#exports.assigned(left, value, (each) => this.#chains.stepsOf(each));
    this.#write(left);
    if (isHandler && isFunction(value)) this.#function(value, true);
    else if (this.#exports.isObjectOfExports(left, value)) this.#exportedObject(value);
    else this.#visit(right);
  }

  /** `module.exports = { handler: … }` */
  #exportedObject(object: Node): void {
    if (object.type !== "ObjectExpression") return this.#visit(object);
    for (const property of object.properties) {
      const value = property.type === "Property" ? bare(property.value) : undefined;
      const isHandler = property.type === "Property" && keyOf(property) === "handler";
      if (isHandler && value !== undefined && isFunction(value)) this.#function(value, true);
      else this.#visit(property);
    }
  }

  #write(target: Node): void {
    const node = bare(target);
    if (node.type === "Identifier") {
      const binding = this.#scopes.find(node.name);
      if (binding?.isModuleState && this.#functionDepth > 0 && !this.#moduleState.has(node.name)) {
        this.#moduleState.set(node.name, this.#positions.at(node.start));
      }
    } else if (node.type === "MemberExpression") this.#chain(node, true);
    else this.#pattern(node, undefined);
  }

  #chain(expression: Node, isWritten: boolean): void {
    const steps = this.#chains.stepsOf(expression);
    if (steps !== undefined) this.#record(steps, expression.start, isWritten, this.#isTest);
    for (let node = bare(expression); ;) {
      if (node.type === "MemberExpression") {
        if (node.computed) this.#argument(node.property);
        node = bare(node.object);
      } else if (node.type === "CallExpression" || node.type === "NewExpression") {
        this.#noteRequire(node);
        const isDefinition = this.#exports.defined(node, (each) => this.#chains.stepsOf(each));
        for (const each of isDefinition ? node.arguments.slice(1) : node.arguments) this.#argument(each);
        node = bare(node.callee);
      } else if (node.type === "ImportExpression") {
        this.#note(stringOf(node.source), "dynamic", node.start);
        return this.#argument(node.source);
      } else if (node.type === "Identifier") {
        this.#imports.use(node.name);
        return;
      } else return this.#visit(node);
    }
  }

  #argument(node: Node): void {
    this.#tested(false, () => this.#visit(node));
  }

  #record(steps: readonly Step[], start: number, isWritten: boolean, isTested: boolean): void {
    const [first, second] = steps;
    if (first?.name === "callback" || first?.name === "arguments") this.#uses++;
    if (first?.name === "JSON" || (first?.name === "console" && !/^(?:warn|error)$/.test(second?.name ?? ""))) return;
    this.#exports.read(steps, isWritten);
    const isInFunction = this.#functionDepth > 0;
    this.#references.push({ steps, ...this.#positions.at(start), isWritten, isTested, isInFunction });
  }

  #noteRequire(node: Node): void {
    const specifier = requiredBy(node, this.#scopes);
    if (specifier !== someFile) this.#note(specifier, "require", node.start);
  }

  #note(specifier: string | undefined, kind: Import["kind"], start: number, names?: readonly string[]): void {
    if (specifier === undefined) return;
    this.#imports.add(specifier, kind, this.#positions.at(start), this.#tryDepth > 0, names);
  }

  /** @returns whether it was one. */
  #moduleStatement(node: Node): boolean {
    switch (node.type) {
      case "ImportDeclaration": {
        if (node.importKind === "type") return true;
        this.#moduleSyntax ??= this.#positions.at(node.start);
        const locals = node.specifiers
          .filter((each) => each.type !== "ImportSpecifier" || each.importKind !== "type")
          .map(({ local }) => local.name);
        this.#note(node.source.value, "import", node.start, node.specifiers.length === 0 ? undefined : locals);
        return true;
      }
      case "TSImportEqualsDeclaration": {
        const { moduleReference: from, id, importKind } = node;
        if (importKind !== "type" && from.type === "TSExternalModuleReference") {
          this.#note(from.expression.value, "require", node.start, [id.name]);
        }
        return true;
      }
      case "ExportNamedDeclaration":
      case "ExportAllDeclaration":
      case "ExportDefaultDeclaration":
      case "TSExportAssignment": {
        if ("exportKind" in node && node.exportKind === "type") return true;
        if (node.type !== "TSExportAssignment") this.#moduleSyntax ??= this.#positions.at(node.start);
        if ("source" in node && node.source !== null) this.#note(node.source.value, "import", node.start);
        if ("specifiers" in node) for (const { local } of node.specifiers) this.#imports.use(nameOf(local) ?? "");
        const value = this.#exports.statement(node);
        if (value !== undefined && isFunction(value)) this.#function(value, true);
        else if (value?.type === "ObjectExpression") this.#exportedObject(value);
        else if (node.type === "ExportNamedDeclaration") this.#visitAll([node.declaration]);
        else if (node.type === "ExportDefaultDeclaration") this.#visit(node.declaration);
        else if (node.type === "TSExportAssignment") this.#visit(node.expression);
        return true;
      }
      default:
        return false;
    }
  }
}
