// A meeting point of several senders and one receiver, with back pressure: a
// part is taken before the next is read; urgent news overtakes everything.

export interface Mailbox<Part, Urgent> {
  /** Resolves when the receiver has taken it, or at once after `close`. One sender, one part at a time. */
  put(part: Part): Promise<void>;
  /** Marks that something happened; any number of marks before the next `take` count as one. */
  mark(): void;
  /** Of several urgent items the first holds. */
  urge(item: Urgent): void;
  /** Urgent first, then the mark, then the part. One receiver, one `take` at a time. */
  take(): Promise<Delivered<Part, Urgent>>;
  /** Lets a waiting sender go. */
  close(): void;
}

type Delivered<Part, Urgent> =
  | { readonly type: "mark" }
  | { readonly type: "part"; readonly part: Part }
  | { readonly type: "urgent"; readonly item: Urgent };

export function createMailbox<Part, Urgent>(): Mailbox<Part, Urgent> {
  let part: { readonly value: Part; readonly taken: () => void } | undefined;
  let urgent: { readonly value: Urgent } | undefined;
  let marked = false;
  let closed = false;
  let receiver: (() => void) | undefined;

  function wake(): void {
    receiver?.();
    receiver = undefined;
  }

  function next(): Delivered<Part, Urgent> | undefined {
    if (urgent !== undefined) return { type: "urgent", item: urgent.value };
    if (marked) {
      marked = false;
      return { type: "mark" };
    }
    if (part === undefined) return undefined;
    const { value, taken } = part;
    part = undefined;
    taken();
    return { type: "part", part: value };
  }

  return {
    put: (value) => {
      if (closed) return Promise.resolve();
      return new Promise((resolve) => {
        part = { value, taken: resolve };
        wake();
      });
    },
    mark: () => {
      marked = true;
      wake();
    },
    urge: (value) => {
      urgent ??= { value };
      wake();
    },
    take: async () => {
      for (let item = next(); ; item = next()) {
        if (item !== undefined) return item;
        await new Promise<void>((resolve) => {
          receiver = resolve;
        });
      }
    },
    close: () => {
      closed = true;
      part?.taken();
    },
  };
}
