// Holds the fenced lease of one conversation: takes it, renews it, and says at
// once when it is lost.
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
  const lose = (): void => controller.abort(lost(conversationId));
  const renewSoon = (): (() => void) => clock.setTimer(ttlMs / 3, () => void renew());
  let cancelRenewal = renewSoon();
  let cancelExpiry = clock.setTimer(ttlMs, lose);
  let isReleased = false;

  async function renew(): Promise<void> {
    const atMs = clock.monotonicUs() / US_PER_MS;
    const renewed = await store.acquireLease(request()).catch(() => "unanswered" as const);
    if (isReleased) return;
    // A store that does not answer is asked again until the lease would have run out.
    if (renewed === "unanswered") cancelRenewal = renewSoon();
    else if (renewed?.token !== lease?.token) lose();
    else {
      cancelExpiry();
      cancelExpiry = clock.setTimer(ttlMs - (clock.monotonicUs() / US_PER_MS - atMs), lose);
      cancelRenewal = renewSoon();
    }
  }

  return {
    lease,
    lost: controller.signal,
    async release() {
      isReleased = true;
      cancelRenewal();
      cancelExpiry();
      await store.releaseLease(lease);
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
