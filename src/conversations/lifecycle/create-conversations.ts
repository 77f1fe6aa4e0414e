// Conversations: create, run, interrupt, take over, pause, cancel, speak into.
import type { Outcome } from "../../domain/decision.ts";
import { PolylogueError } from "../../domain/errors.ts";
import { type AgentId, COORDINATOR, type ConversationId, USER } from "../../domain/ids.ts";
import type { JournalEventOf, NewJournalEvent } from "../../domain/journal-event.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Journal } from "../../journal/journal.ts";
import type { BudgetLimits, Mesh, SendReceipt } from "../../mesh/mesh.ts";
import type { Clock } from "../../platform/clock.ts";
import type { IdSource } from "../../platform/ids.ts";
import { conversationLease, type Lease, type Store } from "../../storage/store.ts";
import type { Orchestration } from "../orchestration.ts";
import { findOrchestration, ORCHESTRATIONS } from "../orchestrations/list.ts";
import { tokensEstimated } from "../projection/project.ts";
import { createTurnPolicy } from "../projection/turn-policy.ts";
import { type CreateRequest, createConversation } from "./create.ts";
import { drive } from "./drive.ts";
import { earlierOf } from "./earlier.ts";
import { holdLease } from "./lease-keeper.ts";
import { LIFECYCLE_LIMITS_DEFAULT, type LifecycleLimits } from "./limits.ts";
import { type ConversationRecord, openRecord } from "./record.ts";
import { participantOf } from "./setup.ts";
import { endedId, type StartDetail, startId, stepEvent, stepOf } from "./steps.ts";
import { tooFewOutcome } from "./too-few.ts";
import { undecidedOutcome } from "./undecided-outcome.ts";

export interface ConversationsOptions {
  readonly journal: Journal;
  readonly store: Pick<Store, "acquireLease" | "releaseLease" | "readLease">;
  readonly mesh: Mesh;
  readonly ids: IdSource;
  readonly clock: Clock;
  /** Those that come with Polylogue unless told. */
  readonly orchestrations?: readonly Orchestration[];
  /** Budgets beside the conversation's own. */
  readonly budgets?: Omit<BudgetLimits, "conversationNanoUsd">;
  readonly limits?: Partial<LifecycleLimits>;
  /** Says who the owner of a lease is, as in "process 4711 on this machine"; "another process" unless told. */
  readonly describeOwner?: (owner: string) => string;
}

export interface RunOptions {
  /**
   * When it aborts, nothing new starts: turns that have started end (at most
   * `drainMs`) and count; those that were asked and have not started are
   * cancelled, and nobody else is asked. The outcome is `cancelled` with what
   * there is, unless what was running was all that was left to say.
   */
  readonly signal?: AbortSignal;
  /** When it aborts, running turns end, then the conversation is left to be resumed. */
  readonly release?: AbortSignal;
}

export type RunResult =
  | { readonly kind: "ended"; readonly outcome: Outcome }
  /** Not ended; whoever runs it next goes on. */
  | { readonly kind: "released" };

export interface Conversations {
  /** Resolves when it is durable; nobody has been asked yet. */
  create(request: CreateRequest): Promise<ConversationId>;
  /**
   * Drives it to its end from wherever the journal says it is. Every member
   * must have a port in this process. Of an ended one, gives its outcome.
   * Throws `CONVERSATION_UNKNOWN`, `LEASE_HELD`, `LEASE_LOST`.
   */
  run(id: ConversationId, options?: RunOptions): Promise<RunResult>;
  /** Takes effect in whichever process drives it; ends it here when nobody does. Throws `CONVERSATION_ENDED`. */
  cancel(id: ConversationId, reason: string): Promise<void>;
  /** Running turns end, no new ones start; deadlines go on. */
  pause(id: ConversationId): Promise<void>;
  resume(id: ConversationId): Promise<void>;
  /** A message of the user's; members see it with their next turns. All members unless told. */
  send(id: ConversationId, text: string, to?: readonly AgentId[]): Promise<SendReceipt>;
  /** Releases what runs here and waits for it. */
  close(): Promise<void>;
}

export function createConversations(options: ConversationsOptions): Conversations {
  const { journal, store, mesh, clock } = options;
  const limits = { ...LIFECYCLE_LIMITS_DEFAULT, ...options.limits };
  const orchestrations = options.orchestrations ?? ORCHESTRATIONS;
  const tools = { ...options, limits, orchestrations, budgets: options.budgets ?? {} };
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  function run(id: ConversationId, { signal = NEVER, release = NEVER }: RunOptions = {}): Promise<RunResult> {
    const released = AbortSignal.any([release, closing.signal]);
    const work = runConversation(tools, id, { interrupt: signal, release: released });
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    running.add(settled);
    void settled.then(() => running.delete(settled));
    return work;
  }

  async function note(id: ConversationId, kind: "conversation.paused" | "conversation.resumed"): Promise<void> {
    const record = await openRunning(journal, id);
    await journal.append({
      stream: id,
      trace: record.created.trace,
      decide: () => ({ events: [{ kind, actor: USER, data: { by: USER } }], result: undefined }),
    });
  }

  return {
    create: (request) => createConversation(tools, request),
    run,
    async cancel(id, reason) {
      const record = await openRunning(journal, id);
      await journal.append({
        stream: id,
        trace: record.created.trace,
        decide: () => ({
          events: [{ kind: "conversation.cancel-requested", actor: USER, data: { by: USER, reason } }],
          result: undefined,
        }),
      });
      const lease = await store.readLease(conversationLease(id));
      if (lease === undefined || lease.expiresAtUs <= clock.nowUs()) await run(id);
    },
    pause: (id) => note(id, "conversation.paused"),
    resume: (id) => note(id, "conversation.resumed"),
    async send(id, text, to) {
      await openRunning(journal, id);
      return mesh.send({
        conversationId: id,
        from: USER,
        to: to === undefined ? { mode: "broadcast" } : { mode: "multicast", agents: to },
        intent: "inform",
        parts: [{ type: "text", text }],
        trust: "user",
        deadlineUs: clock.nowUs() + limits.userMessageMs * US_PER_MS,
      });
    },
    async close() {
      closing.abort();
      await Promise.all(running);
    },
  };
}

const NEVER = new AbortController().signal;

type Tools = Omit<ConversationsOptions, "limits" | "budgets" | "orchestrations"> & {
  readonly orchestrations: readonly Orchestration[];
  readonly limits: LifecycleLimits;
  readonly budgets: BudgetLimits;
};

interface Signals {
  readonly interrupt: AbortSignal;
  readonly release: AbortSignal;
}

async function runConversation(tools: Tools, id: ConversationId, signals: Signals): Promise<RunResult> {
  const { journal, ids, limits } = tools;
  const record = await openRecord(journal, id);
  const before = endedOutcome(record);
  if (before !== undefined) return { kind: "ended", outcome: before };
  const held = await holdLease({ ...tools, conversationId: id, owner: ids.next(), ttlMs: limits.leaseTtlMs });
  try {
    await record.refresh();
    // Another driver may have ended it between the look and the lease.
    const outcome =
      endedOutcome(record) ?? (await runHeld(tools, record, { ...signals, lease: held.lease, lost: held.lost }));
    return outcome === undefined ? { kind: "released" } : { kind: "ended", outcome };
  } finally {
    await held.release();
  }
}

type HeldRun = Signals & { readonly lease: Lease; readonly lost: AbortSignal };

async function runHeld(tools: Tools, record: ConversationRecord, held: HeldRun): Promise<Outcome | undefined> {
  const { created, question, attachments } = record;
  const { roster, seed, settings, continues } = created.data;
  const orchestration = findOrchestration(created.data.orchestration, tools.orchestrations);
  const cancelled = record.events.find((event) => event.kind === "conversation.cancel-requested");
  if (cancelled !== undefined && startOf(record) === undefined) {
    const stopReason = `cancelled: ${cancelled.data.reason}`;
    return endUnstarted(tools, {
      record,
      held,
      outcome: undecidedOutcome({ status: "cancelled", failed: [], stopReason }),
    });
  }
  const { start, refused } = await startWith(tools, record, held);
  if (start.participants.length < orchestration.membersMin) {
    const { membersMin } = orchestration;
    const outcome = tooFewOutcome({ present: start.participants.length, membersMin, refused: start.refused });
    return endUnstarted(tools, { record, held, outcome });
  }
  const cards = roster.filter(({ id }) => start.participants.includes(id));
  const earlier = continues === undefined ? undefined : await earlierOf(tools.journal, continues);
  const policy = createTurnPolicy({ journal: tools.journal, record, ...(earlier === undefined ? {} : { earlier }) });
  const participants = cards.map(participantOf);
  const setup = { question, attachments, seed, settings, participants, refused: start.refused };
  return drive(tools, { record, orchestration, setup, policy, refused, ...held });
}

/** `refused`: by today's handshake; those of `start` by the first one. */
interface Started {
  readonly start: StartDetail;
  readonly refused: StartDetail["refused"];
}

/** Members shake hands each time; who takes part is settled the first time. */
async function startWith(tools: Tools, record: ConversationRecord, { lease }: HeldRun): Promise<Started> {
  const { roster } = record.created.data;
  const chars = record.attachments.reduce((sum, { text }) => sum + text.length, record.question.length);
  const report = await tools.mesh.handshake({
    conversationId: record.conversationId,
    members: roster.map(({ id }) => id),
    lease,
    contextTokensMin: tokensEstimated(chars),
    budgetNanoUsd: record.created.data.budgetNanoUsd,
  });
  const { refused } = report;
  const known = startOf(record);
  if (known !== undefined) return { start: known, refused };
  const present = report.members.map(({ agent }) => agent);
  const start: StartDetail = {
    participants: roster.map(({ id }) => id).filter((id) => present.includes(id)),
    refused,
  };
  await append(tools, { record, lease }, [stepEvent(startId(record.conversationId), { type: "start", detail: start })]);
  return { start, refused };
}

function startOf(record: ConversationRecord): StartDetail | undefined {
  const steps = record.events.map(stepOf);
  return steps.find((step) => step?.type === "start")?.detail;
}

async function endUnstarted(
  tools: Tools,
  { record, held, outcome }: { readonly record: ConversationRecord; readonly held: HeldRun; readonly outcome: Outcome },
): Promise<Outcome> {
  const id = endedId(record.conversationId);
  await append(tools, { record, lease: held.lease }, [
    { kind: "conversation.ended", id, actor: COORDINATOR, data: { outcome } },
  ]);
  return outcome;
}

async function append(
  { journal }: Tools,
  { record, lease }: { readonly record: ConversationRecord; readonly lease: Lease },
  events: readonly NewJournalEvent[],
): Promise<void> {
  await journal.append({
    stream: record.conversationId,
    lease,
    trace: record.created.trace,
    decide: () => ({ events, result: undefined }),
  });
  await record.refresh();
}

/** Throws `CONVERSATION_UNKNOWN` and `CONVERSATION_ENDED`. */
async function openRunning(journal: Journal, id: ConversationId): Promise<ConversationRecord> {
  const record = await openRecord(journal, id);
  const outcome = endedOutcome(record);
  if (outcome === undefined) return record;
  throw new PolylogueError("CONVERSATION_ENDED", {
    message: `Conversation ${id} has ended (${outcome.status}).`,
    mend: `Go on from it with \`polylogue ask "…" --continue ${id}${record.created.simulated ? " --simulated" : ""}\`.`,
  });
}

function endedOutcome({ events }: ConversationRecord): Outcome | undefined {
  const ended = events.find(
    (event): event is JournalEventOf<"conversation.ended"> => event.kind === "conversation.ended",
  );
  return ended?.data.outcome;
}
