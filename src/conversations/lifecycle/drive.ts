// Driving one conversation under its lease: what the journal says is told to the
// kernel, and what the kernel says is written and done, until it has ended.
import type { Outcome } from "../../domain/decision.ts";
import { COORDINATOR, USER } from "../../domain/ids.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Journal } from "../../journal/journal.ts";
import type { BudgetLimits, Mesh, TurnPolicy } from "../../mesh/mesh.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Lease } from "../../storage/store.ts";
import { createKernel, type Kernel } from "../kernel/kernel.ts";
import type { Orchestration, OrchestrationSetup } from "../orchestration.ts";
import { createDoorbell } from "./doorbell.ts";
import { createInputReader } from "./journal-inputs.ts";
import type { LifecycleLimits } from "./limits.ts";
import type { ConversationRecord } from "./record.ts";
import { createServiceHolder, type ServiceHolder } from "./service-holder.ts";
import { createStepWriter, type StepWriter } from "./step-writer.ts";
import { endedId, interruptedId, type StartDetail, startId, stepEvent } from "./steps.ts";
import { dueSteps } from "./timetable.ts";

export interface DriveTools {
  readonly journal: Journal;
  readonly mesh: Mesh;
  readonly clock: Clock;
  readonly limits: LifecycleLimits;
  readonly budgets: BudgetLimits;
}

export interface DriveRequest {
  readonly record: ConversationRecord;
  readonly lease: Lease;
  readonly orchestration: Orchestration;
  readonly setup: OrchestrationSetup;
  readonly policy: TurnPolicy;
  /** Members that this driver's handshake left out, with the reasons. */
  readonly refused: StartDetail["refused"];
  /** Running turns end, then the conversation is cancelled. */
  readonly interrupt: AbortSignal;
  /** Running turns end, then it is left for another driver. */
  readonly release: AbortSignal;
  /** Everything stops at once. */
  readonly lost: AbortSignal;
}

/** Undefined: released before its end. */
export async function drive(tools: DriveTools, request: DriveRequest): Promise<Outcome | undefined> {
  const bell = createDoorbell(tools.clock);
  const driver = createDriver(tools, request, bell.ring);
  const stopListening = tools.journal.onChange(bell.ring);
  const signals = [request.interrupt, request.release, request.lost];
  for (const signal of signals) signal.addEventListener("abort", bell.ring);
  // A lost lease ends running turns even while the driver waits for something else.
  const onLost = (): void => void giveUp(driver, "the lease is lost");
  request.lost.addEventListener("abort", onLost);
  try {
    while (true) {
      request.lost.throwIfAborted();
      const moved = await move(driver, request);
      if (moved.kind === "over") return moved.outcome;
      if (moved.waitMs > 0) await bell.wait(moved.waitMs);
    }
  } catch (error) {
    await giveUp(driver, "the driver has failed");
    throw request.lost.aborted ? request.lost.reason : error;
  } finally {
    stopListening();
    request.lost.removeEventListener("abort", onLost);
    for (const signal of signals) signal.removeEventListener("abort", bell.ring);
  }
}

/** What cannot be settled any more, for example without the lease, the next driver's recovery settles. */
async function giveUp({ service }: Driver, reason: string): Promise<void> {
  await service.stop(reason).catch(() => undefined);
}

interface Driver {
  readonly clock: Clock;
  readonly record: ConversationRecord;
  readonly kernel: Kernel;
  readonly service: ServiceHolder;
  readonly writer: StepWriter;
  /** Tells the kernel what is new in the journal. */
  listen(): Promise<void>;
}

function createDriver(tools: DriveTools, request: DriveRequest, onQuiet: () => void): Driver {
  const { journal, mesh, clock, limits, budgets } = tools;
  const { record, lease, orchestration, setup, policy, refused } = request;
  const { conversationId, created } = record;
  const { budgetNanoUsd, configHash } = created.data;
  const kernel = createKernel({ orchestration, setup, cause: startId(conversationId) });
  const reader = createInputReader({ startedAtUs: created.atUs, parts: record.parts });
  const service = createServiceHolder({
    mesh,
    drainMs: limits.drainMs,
    onQuiet,
    request: {
      conversationId,
      lease,
      policy,
      budgets: { ...budgets, conversationNanoUsd: budgetNanoUsd },
      configHash,
    },
  });
  let eventsRead = 0;
  return {
    clock,
    record,
    kernel,
    service,
    writer: createStepWriter({ journal, mesh, record, lease, kernel, refused, giveUp: service.giveUp }),
    async listen() {
      await record.refresh();
      const events = record.events.slice(eventsRead);
      eventsRead += events.length;
      for (const input of reader.read(events)) kernel.accept(input);
    },
  };
}

type Moved =
  | { readonly kind: "over"; readonly outcome: Outcome | undefined }
  | { readonly kind: "waiting"; readonly waitMs: number };

/** One turn of the loop: hear, act, and say how long nothing will happen by itself. */
async function move(driver: Driver, request: DriveRequest): Promise<Moved> {
  const { kernel, service, writer } = driver;
  await driver.listen();
  if (kernel.outcome !== undefined) return { kind: "over", outcome: await ended(driver, kernel.outcome) };
  if (await timePassed(driver)) return AT_ONCE;
  if (request.interrupt.aborted && !wasInterrupted(driver.record)) return interrupted(driver);
  if (wasInterrupted(driver.record) || request.release.aborted || isPaused(driver.record)) {
    return halted(driver, request);
  }
  // Before anything is served: a turn that a crash left and nobody waits for is not begun again.
  await writer.act();
  if (request.interrupt.aborted || request.release.aborted) return AT_ONCE;
  await service.serve();
  return { kind: "waiting", waitMs: nextMs(driver) };
}

const AT_ONCE: Moved = { kind: "waiting", waitMs: 0 };

/** From here on the orchestration asks nobody else, also if this process dies before the running turns have ended. */
async function interrupted({ record, service, writer }: Driver): Promise<Moved> {
  // First, so that no turn begins while this is being written.
  service.quiet();
  const id = interruptedId(record.conversationId);
  await writer.append([stepEvent(id, { type: "interrupted", detail: { reason: INTERRUPTED } })]);
  return AT_ONCE;
}

const INTERRUPTED = "interrupted";

function wasInterrupted({ conversationId, events }: ConversationRecord): boolean {
  const id = interruptedId(conversationId);
  return events.some((event) => event.id === id);
}

/** Nobody is asked any more. The running turns end first, but not before a cancellation is heard. */
async function halted(driver: Driver, request: DriveRequest): Promise<Moved> {
  if (!driver.service.quiet()) return { kind: "waiting", waitMs: nextMs(driver) };
  if (wasInterrupted(driver.record)) {
    // What the last turns said stands before it in the journal, and counts first. What did not start is cancelled.
    const data = { by: USER, reason: INTERRUPTED };
    await driver.writer.append([{ kind: "conversation.cancel-requested", actor: USER, data }]);
    return AT_ONCE;
  }
  if (request.release.aborted) return { kind: "over", outcome: undefined };
  return { kind: "waiting", waitMs: nextMs(driver) };
}

/** Open turns are given up before the end is written: by then every attempt is settled and every turn has its result. */
async function ended({ service, writer, record }: Driver, outcome: Outcome): Promise<Outcome> {
  const { conversationId } = record;
  await writer.act();
  await service.stop("the conversation has ended");
  await writer.append([
    { kind: "conversation.ended", id: endedId(conversationId), actor: COORDINATOR, data: { outcome } },
  ]);
  return outcome;
}

function isPaused({ events }: ConversationRecord): boolean {
  const last = events.findLast(({ kind }) => kind === "conversation.paused" || kind === "conversation.resumed");
  return last?.kind === "conversation.paused";
}

/** A driver looks again after this long, whatever the doorbell did. */
const IDLE_WAIT_MS = 1_000;

/** Writes down what time has brought about; false when it has brought nothing. */
async function timePassed({ clock, record, kernel, writer }: Driver): Promise<boolean> {
  const passed = dueSteps(record, kernel).filter(({ atUs }) => atUs <= clock.nowUs());
  await writer.append(passed.map(({ id, step }) => stepEvent(id, step)));
  return passed.length > 0;
}

function nextMs({ clock, record, kernel }: Driver): number {
  const leftMs = dueSteps(record, kernel).map(({ atUs }) => Math.ceil((atUs - clock.nowUs()) / US_PER_MS));
  return Math.max(0, Math.min(IDLE_WAIT_MS, ...leftMs));
}
