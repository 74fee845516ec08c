import { isDeepStrictEqual } from "node:util";
import { NotVisible } from "./check.ts";
import type { Client, Reply } from "./client.ts";

/** A server deviated from the contract. The message describes its behaviour. */
export class CheckFailure extends Error {}

/** A reply in a few words. */
export function describe(reply: Reply): string {
  const type = reply.headers["content-type"] ?? "no type";
  const text = reply.text.length > 100 ? `${reply.text.slice(0, 100)}… (${reply.body.length} bytes)` : reply.text;
  return `${reply.status}, ${type}, ${JSON.stringify(text)}`;
}

export function expectThat(isSo: boolean, seen: string): void {
  if (!isSo) throw new CheckFailure(seen);
}

export function expectSame(seen: unknown, expected: unknown, what: string): void {
  expectThat(isDeepStrictEqual(seen, expected), `${what} is ${show(seen)}, not ${show(expected)}`);
}

export function expectStatus(reply: Reply, ...statuses: readonly number[]): void {
  expectThat(statuses.includes(reply.status), `${describe(reply)}; expected status ${statuses.join(" or ")}`);
}

export function expectBody(reply: Reply, text: string): void {
  expectThat(reply.text === text, `${describe(reply)}; expected body ${JSON.stringify(text)}`);
}

/** Expects status 200 and this body. */
export function expectText(reply: Reply, text: string): void {
  expectStatus(reply, 200);
  expectBody(reply, text);
}

export function expectHeader(reply: Reply, name: string, pattern: RegExp): void {
  const value = reply.valuesOf(name).join(", ");
  expectThat(
    reply.headers[name] !== undefined && pattern.test(value),
    `${name}: ${show(reply.headers[name])}; ${describe(reply)}`,
  );
}

export function expectNoHeader(reply: Reply, name: string): void {
  expectThat(reply.headers[name] === undefined, `${name}: ${show(reply.headers[name])}`);
}

/** The reply's JSON, of any type. */
export function jsonOf(reply: Reply): unknown {
  try {
    return JSON.parse(reply.text);
  } catch {
    throw new CheckFailure(`${describe(reply)}; expected JSON`);
  }
}

/** The reply's JSON object, after status 200. */
export function objectOf(reply: Reply): Readonly<Record<string, unknown>> {
  expectStatus(reply, 200);
  const value = jsonOf(reply);
  expectThat(isObject(value), `${describe(reply)}; expected a JSON object`);
  return value as Record<string, unknown>;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Expects this status, or any 4xx if the client is lenient. */
export function expectRefused(client: Client, reply: Reply, status: number): void {
  if (client.options.lenient) {
    expectThat(reply.status >= 400 && reply.status < 500, `${describe(reply)}; expected a 4xx`);
  } else {
    expectStatus(reply, status);
  }
}

/** Expects that the handler with this mark did not run, if that can be seen. */
export async function expectNotRun(client: Client, reply: Reply, mark: string): Promise<void> {
  expectThat(reply.text !== "marked", `${describe(reply)}; the handler ran`);
  if (await client.doMarksLast())
    expectThat(!(await client.wasMarked(mark)), `${describe(reply)}; yet the handler ran`);
}

/** For checks that rely only on marks. */
export async function needMarks(client: Client): Promise<void> {
  if (!(await client.doMarksLast())) {
    throw new NotVisible("a file that one call writes to the temporary folder is not there for the next call");
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
