// The sides of a process: one for the network, one for the simulators of each
// seed. A conversation takes the one it was made with; what nobody needs any
// more is closed.
import type { AgentCard } from "../domain/agent-card.ts";
import type { Side } from "./side.ts";

export interface SideName {
  readonly simulated: boolean;
  /** Of the simulators: their answers, and the signatures they accept, follow from it. */
  readonly seed: number;
}

export interface Sides {
  /** Runs `work` on a side where every card has a port. */
  use<T>(name: SideName, cards: readonly AgentCard[], work: (side: Side) => Promise<T>): Promise<T>;
  /** The same on a side of its own, whose agents may leave without disturbing anybody. */
  useApart<T>(name: SideName, cards: readonly AgentCard[], work: (side: Side) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Open {
  readonly key: string;
  readonly side: Promise<Side>;
  users: number;
}

/** `kept`: the side that stays open until the end, as most calls want it. */
export function createSides(options: {
  readonly kept: SideName;
  readonly create: (name: SideName) => Promise<Side>;
}): Sides {
  const open = new Set<Open>();
  let closing: Promise<void> | undefined;

  async function find(key: string, cards: readonly AgentCard[]): Promise<Open | undefined> {
    for (const candidate of open) {
      if (candidate.key !== key) continue;
      // Taken before the wait, so that nobody closes it meanwhile.
      candidate.users++;
      if ((await candidate.side).fits(cards)) return candidate;
      await release(candidate);
    }
    return undefined;
  }

  function add(name: SideName, key: string): Open {
    const added: Open = { key, side: options.create(name), users: 1 };
    open.add(added);
    added.side.catch(() => open.delete(added));
    return added;
  }

  async function release(used: Open): Promise<void> {
    used.users--;
    if (used.users > 0 || used.key === keyOf(options.kept) || closing !== undefined) return;
    open.delete(used);
    await (await used.side).close();
  }

  async function workOn<T>(used: Open, cards: readonly AgentCard[], work: (side: Side) => Promise<T>): Promise<T> {
    try {
      const side = await used.side;
      await side.join(cards);
      return await work(side);
    } finally {
      await release(used);
    }
  }

  return {
    use: async (name, cards, work) => workOn((await find(keyOf(name), cards)) ?? add(name, keyOf(name)), cards, work),
    useApart: (name, cards, work) => workOn(add(name, APART), cards, work),
    close: () => {
      closing ??= Promise.all([...open].map(async ({ side }) => (await side).close())).then(() => undefined);
      return closing;
    },
  };
}

/** Nobody else finds it by this. */
const APART = "apart";

function keyOf({ simulated, seed }: SideName): string {
  return simulated ? `simulated/${seed}` : "network";
}
