// The lease of a driver: renewed while it lives, lost as soon as it is lost.
import { describe, expect, it } from "vitest";
import { holdLease } from "../../../src/conversations/lifecycle/lease-keeper.ts";
import { createVirtualClock } from "../../../src/platform/virtual-clock.ts";
import type { Lease, LeaseRequest } from "../../../src/storage/store.ts";

const conversationId = "01920000-0000-7000-8000-000000000000";

const describeOwner = (owner: string): string => (owner === "them" ? "process 7 on this machine" : owner);

/** A store of one lease, whose answers the test can change. */
function leases() {
  let answer: (request: LeaseRequest) => Promise<Lease | undefined> = async (request) => ({
    ...request,
    token: 1,
    expiresAtUs: request.nowUs + request.ttlMs * 1_000,
  });
  const renewals: number[] = [];
  const released: Lease[] = [];
  return {
    renewals,
    released,
    answers: (next: typeof answer) => {
      answer = next;
    },
    store: {
      acquireLease: (request: LeaseRequest) => {
        renewals.push(request.nowUs);
        return answer(request);
      },
      releaseLease: async (lease: Lease) => {
        released.push(lease);
      },
      readLease: async () => undefined,
    },
  };
}

async function held() {
  const clock = createVirtualClock();
  const kept = leases();
  const lease = await holdLease({ store: kept.store, clock, conversationId, owner: "me", ttlMs: 3_000, describeOwner });
  return { clock, kept, lease };
}

describe("a held lease", () => {
  it("is renewed at a third of its time, for as long as it is held, and then given back", async () => {
    const { clock, kept, lease } = await held();
    await clock.advance(9_500);
    expect(kept.renewals).toHaveLength(10);
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
    await clock.advance(9_000);
    expect(kept.renewals).toHaveLength(10);
    expect(kept.released).toEqual([lease.lease]);
    expect(lease.lost.aborted).toBe(false);
  });

  it.each([
    ["somebody else has it", async () => undefined],
    ["it has another token", async (request: LeaseRequest) => ({ ...request, token: 2, expiresAtUs: 0 })],
  ])("is lost at the next renewal when %s", async (_why, answer) => {
    const { clock, kept, lease } = await held();
    kept.answers(answer);
    await clock.advance(1_100);
    expect(lease.lost.reason).toMatchObject({ code: "LEASE_LOST" });
  });

  it("survives a store that stumbles, but not one that stays silent until it has run out", async () => {
    const { clock, kept, lease } = await held();
    const stumble = async (): Promise<undefined> => {
      throw new Error("busy");
    };
    kept.answers(stumble);
    await clock.advance(2_500);
    expect(lease.lost.aborted).toBe(false);
    await clock.advance(600);
    expect(lease.lost.reason).toMatchObject({ code: "LEASE_LOST" });
  });

  it("is lost in time even if the store never answers", async () => {
    const { clock, kept, lease } = await held();
    kept.answers(() => new Promise(() => undefined));
    await clock.advance(3_100);
    expect(lease.lost.aborted).toBe(true);
  });

  it("an answer that comes after it was given back changes nothing", async () => {
    const { clock, kept, lease } = await held();
    let answerLate: (lease: undefined) => void = () => undefined;
    kept.answers(
      () =>
        new Promise((resolve) => {
          answerLate = resolve;
        }),
    );
    await clock.advance(1_100);
    await lease.release();
    answerLate(undefined);
    await clock.advance(9_000);
    expect(lease.lost.aborted).toBe(false);
  });

  it("cannot be taken while another holds it, and says who does if that is known", async () => {
    const clock = createVirtualClock();
    const kept = leases();
    kept.answers(async () => undefined);
    const take = (
      store: typeof kept.store | (Omit<typeof kept.store, "readLease"> & { readLease: () => Promise<Lease> }),
    ) => holdLease({ store, clock, conversationId, owner: "me", ttlMs: 3_000, describeOwner });
    await expect(take(kept.store)).rejects.toMatchObject({
      code: "LEASE_HELD",
      message: `Conversation ${conversationId} is being driven by another process.`,
    });
    const other: Lease = { name: "n", owner: "them", token: 1, expiresAtUs: 0 };
    await expect(take({ ...kept.store, readLease: async () => other })).rejects.toMatchObject({
      message: `Conversation ${conversationId} is being driven by process 7 on this machine.`,
    });
  });
});
