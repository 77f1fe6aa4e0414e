// Values as numbers, so that a model's states are small and quick to compare.

/** Values by their JSON text, numbered from 0. */
export class Interned<T> {
  readonly #values: T[] = [];
  readonly #numbers = new Map<string, number>();

  number(value: T): number {
    const text = JSON.stringify(value);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#values.length);
    return this.#values.push(value) - 1;
  }

  value(number: number): T {
    return this.#values[number] as T;
  }
}

/** Of ascending numbers; the first itself when the second adds nothing. */
export function union(numbers: readonly number[], more: readonly number[]): readonly number[] {
  const fresh = more.filter((number) => !numbers.includes(number));
  return fresh.length === 0 ? numbers : [...numbers, ...fresh].sort((a, b) => a - b);
}

/** A step's new state and its messages, as numbers; steps are made once and remembered. */
export interface NumberedStep {
  readonly next: number;
  readonly sends: readonly number[];
}
