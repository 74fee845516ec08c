/**
 * First in, first out. Not an array: what arrives while a function runs, and that it has replied, is noted in a
 * language that the function may have changed.
 */
interface Place<T> {
  readonly value: T;
  next: Place<T> | undefined;
}

export class Line<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    const place = { value, next: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#length++;
  }

  shift(): T | undefined {
    const place = this.#first;
    if (place === undefined) return undefined;
    this.#first = place.next;
    if (this.#first === undefined) this.#last = undefined;
    this.#length--;
    return place.value;
  }

  find(isWanted: (value: T) => boolean): T | undefined {
    let place = this.#first;
    while (place !== undefined && !isWanted(place.value)) place = place.next;
    return place?.value;
  }

  /** Takes out those that are asked for, and returns them. */
  take(isWanted: (value: T) => boolean): T[] {
    const taken: T[] = [];
    for (let left = this.#length; left > 0; left--) {
      const value = this.shift() as T;
      if (isWanted(value)) taken.push(value);
      else this.push(value);
    }
    return taken;
  }
}
