// An agent from which nothing comes that must not be recorded: no secret in the
// reasons of failures, which vendors like to fill with what they were sent; and
// no word of a simulator in a conversation that is not simulated.
import type { Agent, AgentEvent, AgentProbe } from "../agents/agent.ts";
import type { Redactor } from "../platform/redaction.ts";

export interface GuardOptions {
  readonly redactor: Redactor;
  /** Whether its conversations are simulated. */
  readonly simulated: boolean;
}

const FOUND_SIMULATOR = "a simulator answers at this address, and what it says is no answer of a model";

export function createGuardedAgent(agent: Agent, { redactor, simulated }: GuardOptions): Agent {
  return {
    card: agent.card,
    call: async function* (request, options): AsyncGenerator<AgentEvent> {
      for await (const event of agent.call(request, options)) {
        if (event.type === "error") yield { ...event, ...cleanFailure(event, redactor), simulated };
        else if (event.type === "done" && event.simulated && !simulated) yield refused(event);
        else yield event;
      }
    },
    probe: async (route, options) => {
      const probe = await agent.probe(route, options);
      if (probe.simulated && !simulated) return refusedProbe(probe);
      const failures = probe.failures.map(({ code, reason }) => ({ code, reason: redactor.redact(reason) }));
      return { ...probe, failures };
    },
    close: () => agent.close(),
  };
}

type Failed = Extract<AgentEvent, { readonly type: "error" }>;
type Done = Extract<AgentEvent, { readonly type: "done" }>;

function cleanFailure({ failure }: Failed, redactor: Redactor): Pick<Failed, "failure"> {
  return { failure: { ...failure, reason: redactor.redact(failure.reason) } };
}

function refused({ usage, usageEstimated, parts }: Done): Failed {
  const failure = { class: "request", code: "CONVERSATION_NOT_SIMULATED", reason: FOUND_SIMULATOR } as const;
  return { type: "error", failure, usage, usageEstimated, partial: parts, simulated: false };
}

function refusedProbe(probe: AgentProbe): AgentProbe {
  const reason = `${FOUND_SIMULATOR}; remove its base URL, or run with --simulated`;
  return { ...probe, ok: false, failures: [{ code: "UNREACHABLE", reason }], simulated: false };
}
