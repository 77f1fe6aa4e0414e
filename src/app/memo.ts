// What is made once, when it is first wanted.

/** A failure is not kept: the next caller tries again. */
export interface Memo<T> {
  get(): Promise<T>;
  /** What was made, or is being made; undefined where nobody wanted it. */
  made(): Promise<T> | undefined;
}

export function memo<T>(make: () => Promise<T>): Memo<T> {
  let made: Promise<T> | undefined;
  return {
    get: () => {
      const making = made ?? make();
      made = making;
      making.catch(() => {
        if (made === making) made = undefined;
      });
      return making;
    },
    made: () => made,
  };
}
