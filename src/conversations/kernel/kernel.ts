// The kernel: runs an orchestration over what happened. It gives commands their
// ids, knows which turns are open, and keeps late and repeated results away. Fed
// the same inputs, it issues the same commands with the same ids.
import type { Outcome } from "../../domain/decision.ts";
import type { AgentId, EventId, MessageId, TurnId } from "../../domain/ids.ts";
import { deriveId } from "../../platform/ids.ts";
import type {
  Consumption,
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
  issue(options.cause, first.commands);

  function issue(cause: EventId, commands: readonly OrchestrationCommand[]): readonly IssuedCommand[] {
    const added = commands.map((command, index) => ({ id: deriveId(cause, `command/${index}`), command }));
    for (const { id, command } of added) {
      if (command.type === "ask") open.set(turnOf(id), { id, agent: command.agent, round: command.round });
      else if (command.type === "close-round") closeTurns(command.round);
      else {
        outcome = command.outcome;
        open.clear();
      }
    }
    issued.push(...added);
    return added;
  }

  function closeTurns(round: number): void {
    for (const [turn, ask] of open) if (ask.round === round) open.delete(turn);
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
      return issue(cause, step.commands);
    },
  };
}
