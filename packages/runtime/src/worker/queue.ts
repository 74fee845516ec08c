/**
 * A first-in, first-out queue. It does not use an array, because a function may have changed the methods of arrays.
 */
interface QueueNode<T> {
  readonly value: T;
  next: QueueNode<T> | undefined;
}

export class Queue<T> {
  #first: QueueNode<T> | undefined;
  #last: QueueNode<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    const node = { value, next: undefined };
    if (this.#last === undefined) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#length++;
  }

  shift(): T | undefined {
    const node = this.#first;
    if (node === undefined) return undefined;
    this.#first = node.next;
    if (this.#first === undefined) this.#last = undefined;
    this.#length--;
    return node.value;
  }

  find(isWanted: (value: T) => boolean): T | undefined {
    let node = this.#first;
    while (node !== undefined && !isWanted(node.value)) node = node.next;
    return node?.value;
  }

  /** Removes and returns the values for which `isWanted` is true. */
  remove(isWanted: (value: T) => boolean): T[] {
    const removed: T[] = [];
    for (let left = this.#length; left > 0; left--) {
      const value = this.shift() as T;
      if (isWanted(value)) removed.push(value);
      else this.push(value);
    }
    return removed;
  }
}
