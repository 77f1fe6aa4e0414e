// Serves one conversation in this process: passes over what is due whenever it
// is woken and at least once a sweep, and keeps at most one turn running for
// each of its agents.
import { PolylogueError } from "../../domain/errors.ts";
import type { Failure } from "../../domain/failure.ts";
import type { AgentId, TurnId } from "../../domain/ids.ts";
import type { CancelTimer } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Bus } from "../bus/bus.ts";
import { wakeSubject } from "../bus/subjects.ts";
import type { Problem, View } from "../handshake/protocol.ts";
import { memberOf } from "../handshake/view.ts";
import { readView, VIEWS_COLLECTION } from "../handshake/view-documents.ts";
import type { ConversationService } from "../mesh.ts";
import type { ProgressHub } from "../progress-hub.ts";
import type { PortHandle } from "../turn-runner.ts";
import { type DeliveryDocument, deliveryKey } from "./delivery-documents.ts";
import { drainInbox } from "./inbox-drain.ts";
import { eventsOfGivingUp } from "./transitions.ts";
import { type DrivenTurn, driveTurn, isGone, type TurnDriveOptions } from "./turn-drive.ts";

export interface ServiceOptions extends TurnDriveOptions {
  readonly bus: Bus;
  readonly progress: ProgressHub;
  readonly log: Log;
  /** Shakes hands again where the view in force knows other ports than those of this process. */
  renewView(): Promise<void>;
  /** Why the newest handshake left the agent out; undefined when it did not. */
  refusalOf(agent: AgentId): Problem | undefined;
  /** Called once, when nothing will be driven any more. */
  onStopped(): void;
}

export interface LocalService extends ConversationService {
  /** Shakes hands again where ports of this process are not those that the view knows. Never rejects. */
  renewView(): Promise<void>;
  /** A wake-up from outside: another process may have written. */
  wake(): void;
  /** Aborts this agent's turns, or resolves when they have ended, at most `withinMs` later. */
  endTurnsOf(agent: AgentId, withinMs: number): Promise<void>;
}

interface Running {
  readonly agent: AgentId;
  readonly turnId: TurnId;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export function createConversationService(options: ServiceOptions): LocalService {
  return new Service(options);
}

type Phase = "recovering" | "serving" | "draining" | "stopped";

class Service implements LocalService {
  readonly #options: ServiceOptions;
  readonly #running = new Map<string, Running>();
  /** Deliveries not to be begun before a monotonic time, in µs; infinite for those somebody else goes on with. */
  readonly #resting = new Map<string, number>();
  /** Never begun again, whatever the journal still says of them. */
  readonly #givenUp = new Set<TurnId>();
  readonly #unsubscribe: () => void;
  readonly #recovered: Promise<void>;
  #phase: Phase = "recovering";
  #pass: Promise<void> | undefined;
  #again = false;
  #cancelSweep: CancelTimer | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#unsubscribe = options.bus.subscribe(wakeSubject(options.serve.conversationId), () => this.wake());
    this.#recovered = this.#recover();
    // Whoever awaits `recover` hears of a failure too; nobody has to.
    this.#recovered.catch((error: unknown) => this.#failed(error));
  }

  recover(): Promise<void> {
    return this.#recovered;
  }

  async giveUp(turnIds: readonly TurnId[], failure: Failure): Promise<void> {
    const { journal, serve, progress } = this.#options;
    const { conversationId, lease } = serve;
    for (const turnId of turnIds) this.#givenUp.add(turnId);
    for (const turn of this.#running.values()) {
      if (this.#givenUp.has(turn.turnId))
        turn.abort.abort(new PolylogueError("CANCELLED", { message: failure.reason }));
    }
    const view = readView(await journal.document(VIEWS_COLLECTION, conversationId));
    await journal.append({
      stream: conversationId,
      lease,
      ...(view === undefined ? {} : { trace: view.trace }),
      decide: (decisionView) => ({
        events: turnIds.flatMap((turnId) => eventsOfGivingUp(decisionView, { turnId, failure })),
        result: undefined,
      }),
    });
    progress.emit({ type: "journal", conversationId });
  }

  drain(withinMs: number): Promise<void> {
    return this.#finish(withinMs, "the conversation is being drained");
  }

  stop(reason: string): Promise<void> {
    return this.#finish(0, reason);
  }

  async renewView(): Promise<void> {
    try {
      await this.#options.renewView();
      this.wake();
    } catch (error) {
      this.#failed(error);
    }
  }

  async endTurnsOf(agent: AgentId, withinMs: number): Promise<void> {
    const turns = [...this.#running.values()].filter((turn) => turn.agent === agent);
    await this.#settle(turns, { withinMs, reason: `${agent} leaves` });
  }

  wake(): void {
    if (this.#phase !== "serving") return;
    this.#again = true;
    this.#pass ??= this.#passes().finally(() => {
      this.#pass = undefined;
      // A wake-up between the last look and now must not be lost.
      if (this.#again) this.wake();
    });
  }

  async #recover(): Promise<void> {
    const { turnRunner, serve, renewView } = this.#options;
    await turnRunner.settleLost(serve.conversationId, serve.lease);
    await renewView();
    if (this.#phase !== "recovering") return;
    this.#phase = "serving";
    this.wake();
  }

  async #passes(): Promise<void> {
    this.#cancelSweep?.();
    try {
      while (this.#again && this.#phase === "serving") {
        this.#again = false;
        await this.#passOnce();
      }
    } catch (error) {
      this.#again = false;
      this.#failed(error);
    }
    const { clock, limits } = this.#options;
    if (this.#phase === "serving") this.#cancelSweep = clock.setTimer(limits.sweepMs, () => this.wake());
  }

  async #passOnce(): Promise<void> {
    const { serve, progress } = this.#options;
    const { changed, due, inForce } = await drainInbox({
      ...this.#options,
      ...serve,
      isRunning: (key) => this.#running.has(key),
    });
    if (changed) {
      this.#again = true;
      progress.emit({ type: "journal", conversationId: serve.conversationId });
    } else {
      this.#startTurns(due, inForce);
    }
  }

  /** What does not end the service is tried again at the next sweep. */
  #failed(error: unknown): void {
    const { log, serve } = this.#options;
    log.error("delivery.pass-failed", { conversationId: serve.conversationId, error });
    if (!isGone(error) || this.#phase === "stopped") return;
    this.#end();
    for (const turn of this.#running.values()) turn.abort.abort(error);
  }

  #startTurns(due: readonly DeliveryDocument[], inForce: View | undefined): void {
    const keys = new Set(due.map(keyOf));
    for (const key of this.#resting.keys()) if (!keys.has(key)) this.#resting.delete(key);
    const busy = new Set([...this.#running.values()].map((turn) => turn.agent));
    for (const delivery of due) {
      const port = this.#portFor(delivery.recipient, inForce);
      const { turnId } = delivery;
      if (port === undefined || turnId === undefined || busy.has(delivery.recipient)) continue;
      if (this.#givenUp.has(turnId) || !this.#mayStart(delivery, port)) continue;
      busy.add(delivery.recipient);
      this.#start({ delivery, turnId, port, inForce, abort: new AbortController() });
    }
  }

  /** The port here that the view names. */
  #portFor(agent: AgentId, inForce: View | undefined): PortHandle | undefined {
    const { ports } = this.#options;
    const port = ports.get(agent);
    if (port === undefined || port.draining) return undefined;
    const member = memberOf(inForce, agent);
    return inForce === undefined ? port.handle : member && ports.at(member);
  }

  #mayStart(delivery: DeliveryDocument, port: PortHandle): boolean {
    return (
      this.#phase === "serving" &&
      delivery.state !== "accepted" &&
      port.agent.card.port === "driven" &&
      (this.#resting.get(keyOf(delivery)) ?? 0) <= this.#options.clock.monotonicUs()
    );
  }

  #start(turn: DrivenTurn): void {
    const { clock, limits, progress, serve } = this.#options;
    const key = keyOf(turn.delivery);
    const done = driveTurn(this.#options, turn)
      .then((end) => {
        if (end.kind === "wait") this.#resting.set(key, clock.monotonicUs() + end.ms * 1_000);
        if (end.kind === "left") this.#resting.set(key, Number.POSITIVE_INFINITY);
      })
      .catch((error: unknown) => {
        this.#resting.set(key, clock.monotonicUs() + limits.sweepMs * 1_000);
        this.#failed(error);
      })
      .finally(() => {
        this.#running.delete(key);
        progress.emit({ type: "journal", conversationId: serve.conversationId });
        this.wake();
      });
    this.#running.set(key, { agent: turn.delivery.recipient, turnId: turn.turnId, abort: turn.abort, done });
  }

  async #finish(withinMs: number, reason: string): Promise<void> {
    if (this.#phase !== "stopped") this.#phase = "draining";
    // Its failure was told where it happened.
    await this.#recovered.catch(() => undefined);
    await this.#pass;
    await this.#settle([...this.#running.values()], { withinMs, reason });
    if (this.#phase !== "stopped") this.#end();
  }

  async #settle(
    turns: readonly Running[],
    { withinMs, reason }: { readonly withinMs: number; readonly reason: string },
  ): Promise<void> {
    const abortAll = (): void => {
      for (const turn of turns) turn.abort.abort(new PolylogueError("CANCELLED", { message: reason }));
    };
    const cancel = this.#options.clock.setTimer(withinMs, abortAll);
    if (withinMs === 0) abortAll();
    await Promise.all(turns.map((turn) => turn.done));
    cancel();
  }

  #end(): void {
    this.#phase = "stopped";
    this.#cancelSweep?.();
    this.#unsubscribe();
    this.#options.onStopped();
  }
}

function keyOf(delivery: DeliveryDocument): string {
  return deliveryKey(delivery.messageId, delivery.recipient);
}
