// Holds the fenced lease of one conversation: takes it, renews it, and says at
// once when it is lost. A program that was kept busy, or a machine that slept,
// finds its timers late; then the store is asked once more before the lease is
// called lost. Nothing can be written twice by that: whoever has taken over
// fences this holder's writes off.
import { PolylogueError } from "../../domain/errors.ts";
import type { ConversationId } from "../../domain/ids.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Clock } from "../../platform/clock.ts";
import { conversationLease, type Lease, type Store } from "../../storage/store.ts";

export interface HeldLease {
  readonly lease: Lease;
  /** Aborts with `LEASE_LOST` when somebody else has taken over or the store does not answer in time. */
  readonly lost: AbortSignal;
  /** Ends renewal and gives the lease back. */
  release(): Promise<void>;
}

export interface LeaseKeeperOptions {
  readonly store: Pick<Store, "acquireLease" | "releaseLease" | "readLease">;
  readonly clock: Clock;
  readonly conversationId: ConversationId;
  /** Never used before: two drives in one process are two owners. */
  readonly owner: string;
  readonly ttlMs: number;
  /** Says in words who another owner is; "another process" unless told. */
  readonly describeOwner?: (owner: string) => string;
}

/** Throws `LEASE_HELD` while another owner drives the conversation. */
export async function holdLease(options: LeaseKeeperOptions): Promise<HeldLease> {
  const { store, clock, conversationId, owner, ttlMs } = options;
  const name = conversationLease(conversationId);
  const request = () => ({ name, owner, ttlMs, nowUs: clock.nowUs() });
  const lease = await store.acquireLease(request());
  if (lease === undefined) throw await held(options, name);
  const controller = new AbortController();
  const timers = createTimers(clock);
  let isOver = false;
  renewSoon();
  expireIn(ttlMs);

  function end(): void {
    isOver = true;
    timers.stop();
  }

  function lose(): void {
    end();
    controller.abort(lost(conversationId));
  }

  function renewSoon(): void {
    timers.set("renewal", ttlMs / 3, () => void renew());
  }

  function expireIn(leftMs: number): void {
    timers.set("expiry", leftMs, () => {
      timers.set("expiry", ttlMs * LAST_CHANCE, lose);
      void renew();
    });
  }

  async function renew(): Promise<void> {
    const atMs = clock.monotonicUs() / US_PER_MS;
    const renewed = await store.acquireLease(request()).catch(() => "unanswered" as const);
    if (isOver) return;
    // A store that does not answer is asked again until the lease has run out.
    if (renewed === "unanswered") renewSoon();
    else if (renewed?.token !== lease?.token) lose();
    else {
      expireIn(Math.max(0, ttlMs - (clock.monotonicUs() / US_PER_MS - atMs)));
      renewSoon();
    }
  }

  return {
    lease,
    lost: controller.signal,
    async release() {
      end();
      await store.releaseLease(lease);
    },
  };
}

/** Of the lease's time: how long the store may take to answer once the lease has run out unrenewed. */
const LAST_CHANCE = 0.1;

/** One timer of each name: setting it again takes the place of the one before. */
function createTimers(clock: Clock) {
  const cancels = new Map<"renewal" | "expiry", () => void>();
  return {
    set(name: "renewal" | "expiry", delayMs: number, wake: () => void): void {
      cancels.get(name)?.();
      cancels.set(name, clock.setTimer(delayMs, wake));
    },
    stop(): void {
      for (const cancel of cancels.values()) cancel();
    },
  };
}

async function held(options: LeaseKeeperOptions, name: string): Promise<PolylogueError> {
  const { store, conversationId, describeOwner = () => "another process" } = options;
  const present = await store.readLease(name);
  // It may have been given back just now: then nobody can be named.
  const owner = present === undefined ? "another process" : describeOwner(present.owner);
  return new PolylogueError("LEASE_HELD", {
    message: `Conversation ${conversationId} is being driven by ${owner}.`,
    mend: "Follow it with `polylogue conversation tail`, end it with `polylogue conversation cancel`, or try again when that process has ended.",
  });
}

function lost(conversationId: ConversationId): PolylogueError {
  return new PolylogueError("LEASE_LOST", {
    message: `Another process has taken over conversation ${conversationId}, or its lease could not be renewed in time.`,
    mend: "Follow it with `polylogue conversation tail`; whoever holds the lease goes on from the journal.",
  });
}
