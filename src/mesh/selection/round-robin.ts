// The strategy "round-robin": everybody in turn, by name.
import type { AgentId } from "../../domain/ids.ts";
import type { CreateStrategy } from "./strategy.ts";

/** The one after whoever was first the last time is first, also when others joined or left in between. */
export const createRoundRobinStrategy: CreateStrategy = () => {
  let lastFirst: AgentId = "";
  return {
    order(candidates) {
      const byName = [...candidates].sort((a, b) => (a.port.agent.card.id < b.port.agent.card.id ? -1 : 1));
      const after = byName.findIndex((candidate) => candidate.port.agent.card.id > lastFirst);
      const start = Math.max(0, after);
      const ordered = [...byName.slice(start), ...byName.slice(0, start)];
      lastFirst = ordered[0]?.port.agent.card.id ?? lastFirst;
      return ordered;
    },
  };
};
