// Every orchestration that comes with Polylogue keeps the contract.
import { expect, it } from "vitest";
import type { OrchestrationSetup } from "../../../src/conversations/orchestration.ts";
import { findOrchestration, ORCHESTRATIONS } from "../../../src/conversations/orchestrations/list.ts";
import { describeOrchestration } from "../../contracts/orchestration-contract.ts";

const SETTINGS: Record<string, readonly OrchestrationSetup["settings"][]> = {
  "round-robin": [{}, { rounds: 1 }, { rounds: 5, quorumMin: 1 }],
  debate: [{}, { rounds: 1 }, { rounds: 4, quorumMin: 1 }],
  council: [{}, { chairs: "agent-1,agent-0" }, { quorumMin: 1 }],
  vote: [
    {},
    { options: "yes|no" },
    { options: "red,green,blue", rule: "borda", discussionRounds: 1 },
    { options: ["a", "b"], rule: "majority" },
    { options: "a|b|c", rule: "supermajority", threshold: 0.5, quorumMin: 1 },
    { discussionRounds: 2 },
  ],
};

for (const orchestration of ORCHESTRATIONS) {
  describeOrchestration({ orchestration, settings: SETTINGS[orchestration.name] ?? [{}, { quorumMin: 1 }] });
}

it("finds an orchestration by name, and names those there are", () => {
  expect(findOrchestration("debate").name).toBe("debate");
  expect(() => findOrchestration("quarrel")).toThrow(
    expect.objectContaining({ code: "ORCHESTRATION_UNKNOWN", mend: expect.stringContaining("council") }),
  );
});
