// An agent whose error texts hold no secret: vendors like to echo what they were
// sent, and reasons go into the journal, to people and to other agents.
import type { Agent, AgentEvent } from "../agents/agent.ts";
import type { Redactor } from "../platform/redaction.ts";

export function createRedactedAgent(agent: Agent, redactor: Redactor): Agent {
  return {
    card: agent.card,
    call: async function* (request, options): AsyncGenerator<AgentEvent> {
      for await (const event of agent.call(request, options)) {
        yield event.type === "error"
          ? { ...event, failure: { ...event.failure, reason: redactor.redact(event.failure.reason) } }
          : event;
      }
    },
    probe: async (route, options) => {
      const probe = await agent.probe(route, options);
      return {
        ...probe,
        failures: probe.failures.map((failure) => ({ ...failure, reason: redactor.redact(failure.reason) })),
      };
    },
    close: () => agent.close(),
  };
}
