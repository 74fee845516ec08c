/**
 * Finds work after a call of `callback`.
 */
import type { Node } from "oxc-parser";

import { bare } from "./chain.ts";
import type { Step } from "./facts.ts";
import { childrenOf } from "./tree.ts";

const timers = new Set(["setTimeout", "setInterval", "setImmediate"]);

/**
 * Statements after a plain call of `callback` in the same block that wait for something or start something. Statements
 * that finish at once, such as a log line, do not count.
 */
export function workBehindCallback(
  statements: readonly Node[],
  stepsOf: (node: Node) => readonly Step[] | undefined,
): Node[] {
  const call = statements.findIndex((statement) => {
    if (statement.type !== "ExpressionStatement") return false;
    const node = bare(statement.expression);
    if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return false;
    return (
      stepsOf(node.callee)
        ?.map(({ name }) => name)
        .join(".") === "callback"
    );
  });
  if (call === -1) return [];
  const behind = statements.slice(call + 1);
  const end = behind.findIndex(({ type }) => /^(?:Return|Throw|Break|Continue)Statement$/.test(type));
  const reached = end === -1 ? behind : behind.slice(0, end);
  return reached.filter(waits).slice(0, 1);
}

/** A function that is only defined does nothing yet. */
function waits(node: Node): boolean {
  if (/Function|Class/.test(node.type)) return false;
  if (node.type === "AwaitExpression") return true;
  if (node.type === "CallExpression") {
    const { callee } = node;
    if (callee.type === "Identifier" && timers.has(callee.name)) return true;
    if (callee.type === "MemberExpression" && "name" in callee.property && callee.property.name === "then") return true;
  }
  return childrenOf(node).some(waits);
}
