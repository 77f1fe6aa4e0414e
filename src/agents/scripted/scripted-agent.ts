// An agent that follows a script: for tests, examples and simulations. It keeps
// the agent contract as strictly as a real one, and records what it was asked.
import type { AgentCard } from "../../domain/agent-card.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Part } from "../../domain/part.ts";
import { type Clock, sleep } from "../../platform/clock.ts";
import type { Agent, AgentCallOptions, AgentEvent, AgentProbe, AgentRequest } from "../agent.ts";
import { type ScriptedReply, type ScriptedStep, type TimedEvent, timedEvents } from "./scripted-step.ts";

export interface ScriptedAgentOptions {
  readonly card: AgentCard;
  /** One for each call, in the order in which calls start. */
  readonly steps?: readonly ScriptedStep[];
  /** Answers every call after the last step; without it such a call ends in `error` and `assertComplete` throws. */
  readonly otherwise?: ScriptedStep;
  /** Needed only by steps with delays. */
  readonly clock?: Clock;
  /** What `probe` says; ok unless told. */
  readonly probe?: AgentProbe;
  /** Mark of every event; true unless told. */
  readonly simulated?: boolean;
}

export interface ScriptedAgent extends Agent {
  /** Every request, deep-frozen copies, in the order in which calls started. */
  readonly requests: readonly AgentRequest[];
  readonly isClosed: boolean;
  /** Throws `INTERNAL` when steps are left over, or more calls came than steps. */
  assertComplete(): void;
}

export function createScriptedAgent(options: ScriptedAgentOptions): ScriptedAgent {
  const steps = options.steps ?? [];
  const requests: AgentRequest[] = [];
  const simulated = options.simulated ?? true;
  let closed = false;

  async function* call(request: AgentRequest, { signal }: AgentCallOptions): AsyncGenerator<AgentEvent> {
    const index = requests.length;
    requests.push(deepFreeze(structuredClone(request)));
    const step = steps[index] ?? options.otherwise;
    const player = { signal, simulated, clock: options.clock, said: [] as Part[] };
    if (step === undefined) {
      yield failed(player, scriptFailure(`call ${index + 1} came, but the script has ${steps.length} steps`));
      return;
    }
    yield* play(player, async () => {
      const reply = typeof step === "function" ? await step(request, index) : step;
      return { reply, events: timedEvents(reply, { request, simulated }) };
    });
  }

  return {
    card: options.card,
    requests,
    get isClosed() {
      return closed;
    },
    call,
    probe: async () => options.probe ?? { ok: true, failures: [], simulated },
    close: async () => {
      closed = true;
    },
    assertComplete() {
      const left = steps.length - requests.length;
      if (left > 0) throw incomplete(options.card, `${left} of ${steps.length} steps were never played`);
      if (left < 0 && options.otherwise === undefined) {
        throw incomplete(options.card, `${-left} calls came after the last of ${steps.length} steps`);
      }
    },
  };
}

interface Player {
  readonly signal: AbortSignal;
  readonly simulated: boolean;
  readonly clock: Clock | undefined;
  /** Contents said so far, for `partial`. */
  readonly said: Part[];
}

type Prepared = { readonly reply: ScriptedReply; readonly events: readonly TimedEvent[] };

/** Ends with exactly one `done` or `error`, whatever the script says or throws. */
async function* play(player: Player, prepare: () => Promise<Prepared>): AsyncGenerator<AgentEvent> {
  try {
    const { reply, events } = await prepare();
    for (const { event, afterMs } of events) {
      if (afterMs !== undefined) await wait(player, afterMs);
      if (player.signal.aborted) break;
      yield event;
      if (event.type === "done" || event.type === "error") return;
      remember(player.said, event);
    }
    if (typeof reply === "object" && "hang" in reply) await aborted(player.signal);
  } catch (error) {
    if (!player.signal.aborted) {
      yield failed(
        player,
        scriptFailure(`the script threw: ${error instanceof Error ? error.message : String(error)}`),
      );
      return;
    }
  }
  yield failed(player, player.signal.aborted ? CANCELLED : INTERRUPTED);
}

const CANCELLED: Failure = { class: "transient", code: "CANCELLED", reason: "the call was cancelled" };
const INTERRUPTED: Failure = {
  class: "transient",
  code: "VENDOR_TRANSIENT",
  reason: "the scripted stream stopped before its end",
};

function scriptFailure(reason: string): Failure {
  return { class: "request", code: "INTERNAL", reason };
}

function failed(player: Player, failure: Failure): AgentEvent {
  return { type: "error", failure, partial: [...player.said], simulated: player.simulated };
}

/** Neighbouring deltas of one kind are one part, as in the `done` of a real wire. */
function remember(said: Part[], event: AgentEvent): void {
  if (event.type === "tool-call") {
    said.push({ type: "tool-call", callId: event.callId, tool: event.tool, input: event.input });
    return;
  }
  if (event.type !== "text-delta" && event.type !== "reasoning-delta") return;
  const type = event.type === "text-delta" ? "text" : "reasoning";
  const last = said.at(-1);
  if (last?.type === type) said[said.length - 1] = { type, text: last.text + event.text };
  else said.push({ type, text: event.text });
}

async function wait(player: Player, delayMs: number): Promise<void> {
  if (player.clock === undefined) throw new RangeError("a step with a delay needs the option `clock`");
  await sleep(player.clock, delayMs, player.signal);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function incomplete(card: AgentCard, message: string): PolylogueError {
  return new PolylogueError("INTERNAL", {
    message: `scripted agent ${card.id}: ${message}`,
    mend: "make the script match the calls that the test expects",
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
