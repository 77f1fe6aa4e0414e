// Writes down what the orchestration decided, then does it. What was written and
// not done before a crash is done now. Nothing is written twice, and a message
// sent again under its derived id adds nothing.
import { isPolylogueError, type PolylogueError } from "../../domain/errors.ts";
import { COORDINATOR, type EventId } from "../../domain/ids.ts";
import type { NewJournalEvent } from "../../domain/journal-event.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Mesh } from "../../mesh/mesh.ts";
import type { Lease } from "../../storage/store.ts";
import { type Kernel, messageOf, turnOf } from "../kernel/kernel.ts";
import type { GivenUp, IssuedCommand } from "../orchestration.ts";
import type { ConversationRecord } from "./record.ts";
import { type StartDetail, stepEvent, stepOfCommand, unsentId } from "./steps.ts";
import { roundTimes } from "./timetable.ts";

export interface StepWriterOptions {
  readonly journal: Journal;
  readonly mesh: Pick<Mesh, "send">;
  readonly record: ConversationRecord;
  readonly lease: Lease;
  readonly kernel: Kernel;
  /** Members that the handshake left out. */
  readonly refused: StartDetail["refused"];
  giveUp(given: GivenUp): Promise<void>;
}

export interface StepWriter {
  /** Under the lease; the record holds the events when it resolves. */
  append(events: readonly NewJournalEvent[]): Promise<void>;
  /** Carries out what the kernel has issued since the last call. */
  act(): Promise<void>;
}

export function createStepWriter(options: StepWriterOptions): StepWriter {
  const { record, kernel } = options;
  let commandsDone = 0;
  return {
    append: (events) => appendTo(options, events),
    async act() {
      const commands = kernel.issued.slice(commandsDone);
      const written = new Set(record.events.map(({ id }) => id));
      const fresh = commands.filter(({ id }) => !written.has(id));
      await appendTo(
        options,
        fresh.map((issued) => stepEvent(issued.id, stepOfCommand(issued))),
      );
      for (const { givenUp } of commands) if (givenUp !== undefined) await options.giveUp(givenUp);
      await Promise.all(commands.map((issued) => send(options, issued)));
      commandsDone += commands.length;
    },
  };
}

async function appendTo(
  { journal, record, lease }: StepWriterOptions,
  events: readonly NewJournalEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const { conversationId, created } = record;
  await journal.append({
    stream: conversationId,
    lease,
    trace: created.trace,
    decide: () => ({ events, result: undefined }),
  });
  await record.refresh();
}

async function send(options: StepWriterOptions, { id, command }: IssuedCommand): Promise<void> {
  const { mesh, record, lease, kernel } = options;
  const turnId = turnOf(id);
  if (command.type !== "ask" || !kernel.open.has(turnId)) return;
  const { agent, round, instruction } = command;
  try {
    await mesh.send({
      conversationId: record.conversationId,
      from: COORDINATOR,
      to: { mode: "unicast", agent },
      intent: "request",
      parts: [{ type: "text", text: instruction }],
      trust: "system",
      deadlineUs: askDeadlineUs(record, id),
      id: messageOf(id),
      turnId,
      round,
      command: id,
      lease,
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Why it is no member says more than that it is none.
    const known = error.code === "NOT_MEMBER" ? options.refused.find((refused) => refused.agent === agent) : undefined;
    const { code, reason } = known ?? { code: error.code, reason: error.message };
    const detail = { turnId, agent, round, code, reason };
    await appendTo(options, [stepEvent(unsentId(id), { type: "unsent", detail }, id)]);
  }
}

/** The round closes first; the message's own deadline is for a turn whose driver has died. */
const ASK_GRACE_MS = 1_000;

/** The round's hard deadline, reckoned from when the ask was written, or the conversation's, and a grace. */
function askDeadlineUs({ created, events }: ConversationRecord, ask: EventId): number {
  const { settings, deadlineUs } = created.data;
  const written = events.filter((event) => event.id === ask);
  const roundsUs = written.map(({ atUs }) => atUs + roundTimes(settings).hardMs * US_PER_MS);
  return Math.min(deadlineUs, ...roundsUs) + ASK_GRACE_MS * US_PER_MS;
}

/** The mesh will not carry this message: that is the turn's failure. A store that fails is the driver's. */
function isRefusal(error: unknown): error is PolylogueError {
  if (!isPolylogueError(error)) return false;
  return !error.code.startsWith("STORE_") && error.code !== "LEASE_LOST" && error.code !== "INTERNAL";
}
