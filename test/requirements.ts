// What the product must do, by id. A test that shows one calls `verifies("R2.1")`.
// `COVERED` lists the ids whose part of the product is finished: each must be
// cited by at least one test (checked in requirements.test.ts).

export const REQUIREMENTS = {
  "R1.1": "What production AI systems use is audited, with evidence and sources",
  "R1.2": "Components a multi-agent system needs: which we have, which are missing",
  "R1.3": "Recommendations with justification, priority and cost",
  "R1.4": "An integration plan for each recommendation",
  "R2.1": "Claude, Gemini and DeepSeek establish one three-party session: every member confirms the same roster",
  "R2.2": "Each of the three by HTTP API",
  "R2.3": "Each of the three by command-line agent",
  "R2.4": "All three address each other in one conversation",
  "R2.5": "Load balancing across the three",
  "R3.1": "Nothing is written for three: 1 to 7 to 1,000 agents by configuration",
  "R3.2": "Agents register and leave at run time, without a restart",
  "R3.3": "Agents are discovered by skill, price, health",
  "R3.4": "Full N-way mesh: any agent reaches any agent",
  "R3.5": "Unicast, multicast, broadcast, anycast",
  "R3.6": "A written discovery protocol",
  "R3.7": "Several load-balancing strategies, chosen by configuration",
  "R4.1": "System log",
  "R4.2": "Error log, categorised and fingerprinted",
  "R4.3": "Performance metrics",
  "R4.4": "Agent interaction log: who said what to whom, delivered when, seen by whom",
  "R4.5": "Decision log: who decided what, from which options, on which evidence, with which dissent",
  "R4.6": "Structured, one schema, queryable",
  "R4.7": "Retention policies per category",
  "R4.8": "Analysis tools",
  "R4.9": "Tracking of emergent behaviour and debugging of multi-agent failures",
  "R5.1": "Log to dataset pipeline",
  "R5.2": "Patterns found in the logs",
  "R5.3": "Organised by task type",
  "R5.4": "Filtered for quality",
  "R5.5": "Exported in training-ready formats",
  "R5.6": "Versioned, with lineage and difference",
  "R5.7": "For several training objectives",
  "R6.1": "A database of papers by topic",
  "R6.2": "Automatic summaries, every statement anchored to a page",
  "R6.3": "Feasibility scores",
  "R6.4": "Agents debate the value of a technique",
  "R6.5": "Tracking from idea to integration",
  "R6.6": "Experimental forks beside the baseline",
  "R7.1": "Unit, integration and end-to-end tests",
  "R7.2": "Mock systems for every external API and CLI, with injected faults",
  "R7.3": "Determinism: a failing run repeats from its seed",
  "R7.4": "Property-based tests, and tests of behaviour that emerges from many agents",
  "R7.5": "Continuous pipeline and quality gates",
  "R7.6": "Coverage of at least 90 % (ours: 95 %)",
  "R8.1": "Agents communicate across conversations, loops prevented",
  "R8.2": "Any agent to any agent, shown",
  "R8.3": "Cross-pollination of ideas: measured, not only allowed",
  "R8.4": "Topology, routing and seven agents at work, explained with a picture and a run",
  "R9.1": "DeepSeek at the same level of integration as Claude and Gemini",
  "R9.2": "Cost analysis against the others",
  "R9.3": "Performance comparison, best uses",
  "R10.1": "99.9 % availability",
  "R10.2": "Message latency p95 under 100 ms",
  "R10.3": "Comprehensive monitoring",
  "R11.1": "Audit log that shows tampering",
  "R11.2": "Security controls",
  "R11.3": "Cost monitoring and budgets",
  "R11.4": "Performance dashboards",
  "R11.5": "Disaster recovery: backup, restore, drill",
  "R11.6": "Complete documentation",
} as const;

export type RequirementId = keyof typeof REQUIREMENTS;

/** Finished parts of the product: each id here must be cited by a test. */
export const COVERED: readonly RequirementId[] = [
  "R2.1",
  "R2.2",
  "R2.4",
  "R3.1",
  "R3.2",
  "R3.4",
  "R3.5",
  "R7.1",
  "R7.2",
  "R7.3",
  "R7.4",
  "R7.5",
  "R7.6",
  "R8.2",
];

/** Says which requirements the calling test shows. Throws on an unknown id, so that a typing error fails the test. */
export function verifies(...ids: RequirementId[]): void {
  for (const id of ids) {
    if (!Object.hasOwn(REQUIREMENTS, id)) throw new RangeError(`unknown requirement ${id}`);
  }
}
