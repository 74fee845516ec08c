/**
 * Walks a syntax tree and collects facts.
 */
import type { Node, Program, VariableDeclaration } from "oxc-parser";

import { workBehindCallback } from "./after-callback.ts";
import { bare, Chains, keyOf, moduleName } from "./chain.ts";
import { ExportList, handlerNames } from "./exports.ts";
import type { Facts, Handler, Place, Reference, Step } from "./facts.ts";
import { ImportList } from "./import-list.ts";
import type { Positions } from "./positions.ts";
import { Scopes } from "./scope.ts";
import { childrenOf, isFunction, isNamed, isTypeOnly, nameIn, nameOf, namesIn, runs } from "./tree.ts";
import type { AnyFunction } from "./tree.ts";

/** The parameters of a handler, in order. */
const roles = ["context", "event", "callback"];

type Typed<Type> = Node & { readonly type: Type };

/** How to visit each type of node. For other types, the collector visits the children. */
type Visitors = { readonly [Type in Node["type"]]?: (collector: Collector, node: Typed<Type>) => void };

export class Collector {
  static readonly #visitors: Visitors = {
    BlockStatement: (collector, node) => collector.#block(node.body),
    StaticBlock: (collector, node) => collector.#block(node.body),
    TSModuleBlock: (collector, node) => collector.#block(node.body),

    FunctionDeclaration: (collector, node) => collector.#function(node, collector.#isHandlerByName(node)),
    FunctionExpression: (collector, node) => collector.#function(node, collector.#isHandlerByName(node)),
    ArrowFunctionExpression: (collector, node) => collector.#function(node, collector.#isHandlerByName(node)),

    ForStatement: (collector, node) => collector.#scoped(node),
    ForInStatement: (collector, node) => collector.#scoped(node),
    ForOfStatement: (collector, node) => collector.#scoped(node),
    CatchClause: (collector, node) => collector.#scoped(node),
    SwitchStatement: (collector, node) => collector.#scoped(node),

    IfStatement: (collector, node) => collector.#conditional(node),
    ConditionalExpression: (collector, node) => collector.#conditional(node),
    WhileStatement: (collector, node) => collector.#conditional(node),
    DoWhileStatement: (collector, node) => collector.#conditional(node),
    LogicalExpression: (collector, node) => collector.#logical(node),
    UnaryExpression: (collector, node) => collector.#unary(node),
    BinaryExpression: (collector, node) => collector.#binary(node),
    TryStatement: (collector, node) => collector.#try(node),

    VariableDeclarator: (collector, node) => collector.#declarator(node.id, node.init),
    AssignmentExpression: (collector, node) => collector.#assignment(node.left, node.right),
    UpdateExpression: (collector, node) => collector.#write(node.argument),

    Identifier: (collector, node) => collector.#chain(node, false),
    MemberExpression: (collector, node) => collector.#chain(node, false),
    CallExpression: (collector, node) => collector.#chain(node, false),
    NewExpression: (collector, node) => collector.#chain(node, false),
    ImportExpression: (collector, node) => collector.#chain(node, false),
    ChainExpression: (collector, node) => collector.#chain(node, false),

    // These names are not references.
    Property: (collector, node) => collector.#property(node),
    MethodDefinition: (collector, node) => collector.#property(node),
    PropertyDefinition: (collector, node) => collector.#property(node),
    AccessorProperty: (collector, node) => collector.#property(node),
    TSEnumDeclaration: (collector, node) => collector.#children(node, ["id"]),
    TSEnumMember: (collector, node) => collector.#children(node, ["id"]),
    TSModuleDeclaration: (collector, node) => collector.#children(node, ["id"]),
    LabeledStatement: (collector, node) => collector.#visit(node.body),
    BreakStatement: () => undefined,
    ContinueStatement: () => undefined,
    MetaProperty: () => undefined,

    ImportDeclaration: (collector, node) => collector.#moduleStatement(node, null),
    TSImportEqualsDeclaration: (collector, node) => collector.#moduleStatement(node, null),
    ExportAllDeclaration: (collector, node) => collector.#moduleStatement(node, null),
    ExportNamedDeclaration: (collector, node) => collector.#moduleStatement(node, node.declaration),
    ExportDefaultDeclaration: (collector, node) => collector.#moduleStatement(node, node.declaration),
    TSExportAssignment: (collector, node) => collector.#moduleStatement(node, node.expression),
  };

  readonly #positions: Positions;
  readonly #isTypeScript: boolean;
  readonly #scopes = new Scopes();
  readonly #chains: Chains;
  readonly #exports: ExportList;
  readonly #imports: ImportList;
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
    this.#imports = new ImportList(this.#scopes, positions);
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
    const visit = Collector.#visitors[node.type] as ((collector: this, node: Node) => void) | undefined;
    if (visit === undefined) this.#children(node);
    else visit(this, node);
  }

  #conditional(node: Node & { readonly test: Node }): void {
    this.#test(node.test);
    this.#children(node, ["test"]);
  }

  #logical({ left, right }: Typed<"LogicalExpression">): void {
    this.#test(left);
    this.#visit(right);
  }

  #unary(node: Typed<"UnaryExpression">): void {
    if (node.operator === "!" || node.operator === "typeof") this.#test(node.argument);
    else this.#children(node);
  }

  #binary(node: Typed<"BinaryExpression">): void {
    if (/^[!=]==?$/.test(node.operator)) this.#test(node.left, node.right);
    else this.#children(node);
  }

  #try(node: Typed<"TryStatement">): void {
    this.#tryDepth++;
    this.#visit(node.block);
    this.#tryDepth--;
    this.#children(node, ["block"]);
  }

  #property(node: Node & { readonly computed: boolean }): void {
    this.#children(node, node.computed ? [] : ["key"]);
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

  /** Declares all names first: functions use names that are declared further down. */
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
        // A `let` or `var` may change later, so its first value proves nothing.
        this.#scopes.declare(id.name, { steps: kind === "const" ? steps : undefined, isModuleState, value: init });
      } else this.#declarePattern(id, steps, isModuleState);
    }
  }

  #declarePattern(pattern: Node, steps: readonly Step[] | undefined, isModuleState = false): void {
    for (const { name, key, place } of namesIn(pattern)) {
      const isStatic = steps !== undefined && key !== undefined;
      const found = isStatic ? [...steps, { name: key, ...this.#positions.at(place) }] : undefined;
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

  /** Records the properties that a pattern reads. */
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
        this.#imports.expression(node, this.#tryDepth > 0);
        const isDefinition = this.#exports.defined(node, (each) => this.#chains.stepsOf(each));
        for (const each of isDefinition ? node.arguments.slice(1) : node.arguments) this.#argument(each);
        node = bare(node.callee);
      } else if (node.type === "ImportExpression") {
        this.#imports.expression(node, this.#tryDepth > 0);
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

  /** @param content the declaration or expression that the statement exports, if it has one. */
  #moduleStatement(node: Node, content: Node | null): void {
    if (isTypeOnly(node)) return;
    // `import a = require("a")` and `export = a` make CommonJS modules.
    if (!node.type.startsWith("TS")) this.#moduleSyntax ??= this.#positions.at(node.start);
    this.#imports.statement(node, this.#tryDepth > 0);
    const value = this.#exports.statement(node);
    if (value !== undefined && isFunction(value)) this.#function(value, true);
    else if (value?.type === "ObjectExpression") this.#exportedObject(value);
    else if (content !== null) this.#visit(content);
  }
}
