/**
 * Conversations of the phone, so that they outlive a reload of the page. They contain what functions replied and the
 * cookies that they set, without masks. That is why they are kept in memory only.
 */
const maxConversations = 20;

export class KeptConversations {
  readonly #texts = new Map<string, string>();

  /** @returns undefined if the conversation is unknown. */
  find(id: string): unknown {
    const text = this.#texts.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  /** Replaces the conversation, and forgets the oldest if there are too many. */
  keep(id: string, conversation: unknown): void {
    this.#texts.delete(id);
    this.#texts.set(id, JSON.stringify(conversation));
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > maxConversations && oldest !== undefined) this.#texts.delete(oldest);
  }
}
