// The kernel: runs an orchestration over what happened. It gives commands their
// ids, knows which turns are open, and keeps late and repeated results away. Fed
// the same inputs, it issues the same commands with the same ids.
import type { Outcome } from "../../domain/decision.ts";
import type { AgentId, EventId, MessageId, TurnId } from "../../domain/ids.ts";
import { deriveId } from "../../platform/ids.ts";
import type {
  Consumption,
  GivenUp,
  IssuedCommand,
  Orchestration,
  OrchestrationCommand,
  OrchestrationEvent,
  OrchestrationSetup,
} from "../orchestration.ts";

/** One thing that happened, with the journal event that says so. */
export interface KernelInput {
  readonly cause: EventId;
  readonly event: OrchestrationEvent;
  readonly used: Consumption;
  /** For a round's deadline: the ask it was counted from. It says nothing of a later ask. */
  readonly ask?: EventId;
}

export interface OpenAsk {
  readonly id: EventId;
  readonly agent: AgentId;
  readonly round: number;
}

export interface Kernel {
  /** Everything issued so far, oldest first. */
  readonly issued: readonly IssuedCommand[];
  /** Turns that are waited for. */
  readonly open: ReadonlyMap<TurnId, OpenAsk>;
  readonly outcome: Outcome | undefined;
  /** What this input leads to. A result of a turn that is not waited for is dropped. */
  accept(input: KernelInput): readonly IssuedCommand[];
}

/** What commands follow from; without an event at the start. */
interface Cause {
  readonly cause: EventId;
  readonly event?: OrchestrationEvent;
}

/** In the words of whoever wonders why a turn has failed. */
function givenUp({ event }: Cause, command: OrchestrationCommand, turnIds: readonly TurnId[]): GivenUp {
  if (event?.type === "signal") {
    const code = event.signal === "deadline" ? "DEADLINE" : "CANCELLED";
    return { turnIds, code, reason: `${event.signal}: ${event.reason}` };
  }
  if (event?.type === "round-deadline") {
    return { turnIds, code: "DEADLINE", reason: `no answer before round ${event.round} closed` };
  }
  const reason = command.type === "close-round" ? `its round closed: ${command.reason}` : "the conversation has ended";
  return { turnIds, code: "CANCELLED", reason };
}

/** The turn that an ask opens, and the message that carries it. */
export function turnOf(command: EventId): TurnId {
  return deriveId(command, "turn");
}

export function messageOf(command: EventId): MessageId {
  return deriveId(command, "message");
}

/** `cause`: the event with which the conversation started to run. Throws `USAGE` for settings that cannot be. */
export function createKernel(options: {
  readonly orchestration: Orchestration;
  readonly setup: OrchestrationSetup;
  readonly cause: EventId;
}): Kernel {
  const { orchestration, setup } = options;
  const issued: IssuedCommand[] = [];
  const open = new Map<TurnId, OpenAsk>();
  let outcome: Outcome | undefined;
  const first = orchestration.start(setup);
  let state = first.state;
  issue({ cause: options.cause }, first.commands);

  function issue(by: Cause, commands: readonly OrchestrationCommand[]): readonly IssuedCommand[] {
    const added = commands.map((command, index): IssuedCommand => {
      const id = deriveId(by.cause, `command/${index}`);
      const turnIds = carryOut(id, command);
      return turnIds.length === 0 ? { id, command } : { id, command, givenUp: givenUp(by, command, turnIds) };
    });
    issued.push(...added);
    return added;
  }

  /** The turns that are not waited for any more. */
  function carryOut(id: EventId, command: OrchestrationCommand): readonly TurnId[] {
    switch (command.type) {
      case "ask":
        open.set(turnOf(id), { id, agent: command.agent, round: command.round });
        return [];
      case "close-round":
        return takeOpen(({ round }) => round === command.round);
      case "end":
        outcome = command.outcome;
        return takeOpen(() => true);
    }
  }

  function takeOpen(isOver: (ask: OpenAsk) => boolean): readonly TurnId[] {
    const turnIds = [...open].filter(([, ask]) => isOver(ask)).map(([turnId]) => turnId);
    for (const turnId of turnIds) open.delete(turnId);
    return turnIds;
  }

  function lastAsk(round: number): EventId | undefined {
    return issued.findLast(({ command }) => command.type === "ask" && command.round === round)?.id;
  }

  return {
    issued,
    open,
    get outcome() {
      return outcome;
    },
    accept({ cause, event, used, ask }) {
      if (outcome !== undefined) return [];
      if (ask !== undefined && event.type === "round-deadline" && lastAsk(event.round) !== ask) return [];
      const isResult = event.type === "answered" || event.type === "failed";
      if (isResult && !open.delete(event.turnId)) return [];
      const step = orchestration.next(state, event, used);
      state = step.state;
      return issue({ cause, event }, step.commands);
    },
  };
}
