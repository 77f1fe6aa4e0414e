// A small explicit-state model checker: breadth first over every reachable state,
// so that a violation comes with a shortest trace; then backwards from the goal
// states, for "it can always still be reached" (AG EF).

export interface Move<S> {
  readonly label: string;
  readonly next: S;
  /** The invariant that this move breaks. */
  readonly violated?: string;
}

export interface Model<S> {
  readonly initial: S;
  /** Equal keys, equal states. */
  keyOf(state: S): string;
  moves(state: S): Iterable<Move<S>>;
  isGoal(state: S): boolean;
  readonly statesMax: number;
}

export interface Checked {
  readonly states: number;
  readonly edges: number;
  /** Every reachable state was seen. */
  readonly complete: boolean;
  readonly violation?: { readonly invariant: string; readonly trace: readonly string[] };
  /** A way into a state from which no goal can be reached; only of a complete run. */
  readonly stuck?: readonly string[];
}

export function checkModel<S>(model: Model<S>): Checked {
  const states: S[] = [model.initial];
  const index = new Map<string, number>([[model.keyOf(model.initial), 0]]);
  const parents: { readonly from: number; readonly label: string }[] = [{ from: -1, label: "start" }];
  const from: number[] = [];
  const to: number[] = [];
  let complete = true;

  const traceOf = (state: number): string[] => {
    const labels: string[] = [];
    for (let at = state; at > 0; at = (parents[at] as { from: number }).from) {
      labels.push((parents[at] as { label: string }).label);
    }
    return labels.reverse();
  };

  for (let at = 0; at < states.length; at++) {
    for (const { label, next, violated } of model.moves(states[at] as S)) {
      if (violated !== undefined) {
        const violation = { invariant: violated, trace: [...traceOf(at), label] };
        return { states: states.length, edges: from.length, complete: false, violation };
      }
      const key = model.keyOf(next);
      let known = index.get(key);
      if (known === undefined) {
        if (states.length >= model.statesMax) {
          complete = false;
          continue;
        }
        known = states.length;
        index.set(key, known);
        states.push(next);
        parents.push({ from: at, label });
      }
      from.push(at);
      to.push(known);
    }
  }
  const result = { states: states.length, edges: from.length, complete };
  const stuck = complete ? firstStuck(states.map(model.isGoal), { from, to }) : -1;
  return stuck < 0 ? result : { ...result, stuck: traceOf(stuck) };
}

/** The first state from which no goal can be reached; −1 for none. */
function firstStuck(goals: readonly boolean[], edges: { readonly from: number[]; readonly to: number[] }): number {
  const before: number[][] = goals.map(() => []);
  for (const [edge, state] of edges.to.entries()) (before[state] as number[]).push(edges.from[edge] as number);
  const reaches = [...goals];
  const queue = goals.flatMap((isGoal, state) => (isGoal ? [state] : []));
  for (let at = 0; at < queue.length; at++) {
    for (const state of before[queue[at] as number] as number[]) {
      if (reaches[state] === true) continue;
      reaches[state] = true;
      queue.push(state);
    }
  }
  return reaches.indexOf(false);
}
