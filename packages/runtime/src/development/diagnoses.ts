/**
 * Keeps the reports of isolates about invocations that go wrong, until each invocation is answered. Functions can forge
 * a report, so its size is limited.
 */
import type { Diagnosis, Invocation } from "../pool/invocation.ts";

const maxTexts = 50;
const maxCharacters = 8_000;

export class Diagnoses {
  readonly #byInvocation = new WeakMap<Invocation, Map<Diagnosis["state"], Diagnosis>>();

  /** Keeps the first diagnosis of each state. @returns the part that is kept, or undefined if this is not the first. */
  keep(invocation: Invocation, diagnosis: Diagnosis): Diagnosis | undefined {
    const byState = this.#byInvocation.get(invocation) ?? new Map<Diagnosis["state"], Diagnosis>();
    if (byState.has(diagnosis.state)) return undefined;
    const kept = { ...diagnosis, stacks: cut(diagnosis.stacks), notes: cut(diagnosis.notes) };
    this.#byInvocation.set(invocation, byState.set(diagnosis.state, kept));
    return kept;
  }

  of(invocation: Invocation | undefined): readonly Diagnosis[] {
    return invocation === undefined ? [] : [...(this.#byInvocation.get(invocation)?.values() ?? [])];
  }

  /** Call it before the invocation runs again: diagnoses of the first attempt do not apply to the next. */
  forget(invocation: Invocation): void {
    this.#byInvocation.delete(invocation);
  }
}

function cut(texts: readonly string[]): string[] {
  return texts.slice(0, maxTexts).map((text) => text.slice(0, maxCharacters));
}
